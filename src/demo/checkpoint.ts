import type { Adapter, Base, Layer, LowRank } from "./model.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";
import type { Tensor, Tensors } from "./safetensors.ts";

/** Encodes an adapter as `adapter_model.safetensors`, its tensors named the way PEFT names them. */
export function encodeAdapter(adapter: Adapter, base: Base): Uint8Array {
  const tensors = new Map(layerNames.flatMap((name) => {
    const { inputs, outputs } = base[name];
    return [
      [downName(name), { shape: [adapter.rank, inputs], data: adapter[name].down }],
      [upName(name), { shape: [outputs, adapter.rank], data: adapter[name].up }],
    ] as const;
  }));
  return encodeSafetensors(tensors, { format: "pt" });
}

/** Decodes an adapter for this base. Throws a RangeError that says what is wrong with the bytes. */
export function decodeAdapter(bytes: Uint8Array, { rank, alpha }: { readonly rank: number; readonly alpha: number }, base: Base): Adapter {
  const tensors = decodeSafetensors(bytes);
  return { rank, alpha, hidden: lowRankOf(tensors, "hidden", rank, base.hidden), readout: lowRankOf(tensors, "readout", rank, base.readout) };
}

/** The layers that an adapter changes. */
export const layerNames = ["hidden", "readout"] as const;

type LayerName = (typeof layerNames)[number];

function lowRankOf(tensors: Tensors, name: LayerName, rank: number, { inputs, outputs }: Layer): LowRank {
  return { down: dataOf(tensors, downName(name), [rank, inputs]), up: dataOf(tensors, upName(name), [outputs, rank]) };
}

function dataOf(tensors: Tensors, name: string, shape: Tensor["shape"]): Float32Array {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new RangeError(`tensor ${name} is missing`);
  if (tensor.shape.join() !== shape.join()) throw new RangeError(`tensor ${name} is ${tensor.shape.join(" x ")}, not ${shape.join(" x ")}`);
  return tensor.data;
}

function downName(layer: LayerName): string {
  return `base_model.model.${layer}.lora_A.weight`;
}

function upName(layer: LayerName): string {
  return `base_model.model.${layer}.lora_B.weight`;
}
