// The part of ONNX's protobuf format needed to write a trivial network: one input, and outputs of given sizes that are
// slices of it. Its time is the overhead of calling ONNX Runtime from JavaScript.

const varint = (n) => {
  const bytes = [];
  for (; n > 127; n = Math.floor(n / 128)) bytes.push((n % 128) | 128);
  return [...bytes, n];
};
const number = (field, n) => [...varint(field << 3), ...varint(n)];
const bytes = (field, content) => [...varint((field << 3) | 2), ...varint(content.length), ...content];
const text = (field, s) => bytes(field, [...Buffer.from(s)]);

const value = (name, shape) =>
  [...text(1, name), ...bytes(2, bytes(1, [...number(1, 1), ...bytes(2, shape.flatMap((d) => bytes(1, number(1, d))))]))];
const integers = (name, values) =>
  [...number(1, values.length), ...number(2, 7), ...values.flatMap((v) => number(7, v)), ...text(8, name)];
const node = (op, inputs, outputs, attributes = []) =>
  [...inputs.flatMap((i) => text(1, i)), ...outputs.flatMap((o) => text(2, o)), ...text(4, op), ...attributes];

/** @param {number[]} input shape of the input @param {{name: string, size: number}[]} outputs */
export function emptyNetwork(input, outputs) {
  const graph = [
    ...bytes(1, node('Flatten', ['input'], ['flat'], bytes(5, [...text(1, 'axis'), ...number(3, 1), ...number(20, 2)]))),
    ...outputs.flatMap(({ name }) => bytes(1, node('Slice', ['flat', 'zero', name + '.end', 'one'], [name]))),
    ...text(2, 'empty'),
    ...bytes(5, integers('zero', [0])),
    ...bytes(5, integers('one', [1])),
    ...outputs.flatMap(({ name, size }) => bytes(5, integers(name + '.end', [size]))),
    ...bytes(11, value('input', input)),
    ...outputs.flatMap(({ name, size }) => bytes(12, value(name, [1, size]))),
  ];
  return Uint8Array.from([...number(1, 8), ...bytes(8, [...text(1, ''), ...number(2, 13)]), ...bytes(7, graph)]);
}
