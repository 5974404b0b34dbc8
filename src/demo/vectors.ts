/** Numbers in single precision, as checkpoints hold them. A matrix is one vector, row after row. */
export type Vector = Float32Array;

/** Adds `scale * matrix x` to `y`; the matrix has a row for each number of `y`. */
export function addProduct(y: Vector, matrix: Vector, x: Vector, scale: number): void {
  const columns = x.length;
  for (let row = 0; row < y.length; row++) {
    const offset = row * columns;
    let sum = 0;
    for (let column = 0; column < columns; column++) sum += matrix[offset + column]! * x[column]!;
    y[row] = y[row]! + scale * sum;
  }
}

/** Adds `scale * matrixᵀ x` to `y`; the matrix has a row for each number of `x`. */
export function addTransposedProduct(y: Vector, matrix: Vector, x: Vector, scale: number): void {
  addRows(x, y.length, scale, (offset, factor) => {
    for (let column = 0; column < y.length; column++) y[column] = y[column]! + factor * matrix[offset + column]!;
  });
}

/** Adds `scale * x yᵀ` to the matrix, which has a row for each number of `x`. */
export function addOuterProduct(matrix: Vector, x: Vector, y: Vector, scale: number): void {
  addRows(x, y.length, scale, (offset, factor) => {
    for (let column = 0; column < y.length; column++) matrix[offset + column] = matrix[offset + column]! + factor * y[column]!;
  });
}

// Half of what comes out of a ReLU is zero, and adds nothing.
function addRows(x: Vector, columns: number, scale: number, addRow: (offset: number, factor: number) => void): void {
  for (let row = 0; row < x.length; row++) {
    const factor = scale * x[row]!;
    if (factor !== 0) addRow(row * columns, factor);
  }
}
