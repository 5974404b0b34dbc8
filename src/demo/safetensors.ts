/** Named numbers in single precision, with their dimensions. */
export type Tensors = ReadonlyMap<string, Tensor>;

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * Encodes tensors as a safetensors file: length of the header (8 bytes, little-endian), header (JSON), data.
 *
 * The same tensors give the same bytes. Format: https://github.com/huggingface/safetensors, "Format". As its own
 * library does, the header is padded with spaces so that the data begin at a multiple of 8.
 */
export function encodeSafetensors(tensors: Tensors, metadata: Readonly<Record<string, string>>): Uint8Array {
  let end = 0;
  const entries = Array.from(tensors, ([name, { shape, data }]) => {
    const begin = end;
    end += data.byteLength;
    return [name, { dtype: "F32", shape, data_offsets: [begin, end] }] as const;
  });
  const json = new TextEncoder().encode(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  const dataStart = 8 + Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(dataStart + end).fill(space, 8 + json.length, dataStart);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(dataStart - 8), true);
  bytes.set(json, 8);
  let at = dataStart;
  for (const { data } of tensors.values()) {
    for (const value of data) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return bytes;
}

/** Decodes a safetensors file of F32 tensors. Throws a RangeError that says what is wrong with the bytes. */
export function decodeSafetensors(bytes: Uint8Array): Tensors {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = bytes.length < 8 ? Infinity : Number(view.getBigUint64(0, true));
  if (8 + headerLength > bytes.length) throw new RangeError(`the file ends within its header (${bytes.length} bytes)`);
  const header = parseHeader(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength)));
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name !== "__metadata__") tensors.set(name, decodeTensor(view, 8 + headerLength, name, entry));
  }
  return tensors;
}

const space = 0x20;

function parseHeader(json: string): object {
  try {
    const header: unknown = JSON.parse(json);
    if (typeof header === "object" && header !== null && !Array.isArray(header)) return header;
  } catch {
    // Answered below, together with JSON that is no object.
  }
  throw new RangeError("the header is no JSON object");
}

function decodeTensor(view: DataView, dataStart: number, name: string, entry: unknown): Tensor {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  if (dtype !== "F32") throw new RangeError(`tensor ${name} is ${String(dtype)}, not F32`);
  if (!isSizes(shape) || !isSizes(offsets)) throw new RangeError(`tensor ${name} has no shape and offsets`);
  const [begin = 0, end = 0] = offsets;
  const count = shape.reduce((product, size) => product * size, 1);
  if (end - begin !== count * 4 || dataStart + end > view.byteLength) throw new RangeError(`the data of tensor ${name} are not whole`);
  return { shape, data: Float32Array.from({ length: count }, (_value, index) => view.getFloat32(dataStart + begin + index * 4, true)) };
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
