import type { Vector } from "./vectors.ts";

const [meanDecay, squareDecay, tiny] = [0.9, 0.999, 1e-8];

/**
 * Prepares Adam (arXiv 1412.6980, its default decays) for some parameters.
 *
 * @returns What takes one step: changes the parameters in place by gradients of their shapes.
 */
export function createAdam(parameters: readonly Vector[], learningRate: number): (gradients: readonly Vector[]) => void {
  const means = parameters.map(({ length }) => new Float32Array(length));
  const squares = parameters.map(({ length }) => new Float32Array(length));
  let steps = 0;
  return (gradients) => {
    steps++;
    const rate = (learningRate * Math.sqrt(1 - squareDecay ** steps)) / (1 - meanDecay ** steps);
    for (const [index, parameter] of parameters.entries()) {
      const [gradient, mean, square] = [gradients[index]!, means[index]!, squares[index]!];
      for (let at = 0; at < parameter.length; at++) {
        const slope = gradient[at]!;
        mean[at] = meanDecay * mean[at]! + (1 - meanDecay) * slope;
        square[at] = squareDecay * square[at]! + (1 - squareDecay) * slope * slope;
        parameter[at] = parameter[at]! - (rate * mean[at]!) / (Math.sqrt(square[at]!) + tiny);
      }
    }
  };
}
