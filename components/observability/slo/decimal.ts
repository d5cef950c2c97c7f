/** Digits behind the point that anything here needs: a budget has four, a burn rate one. */
const digits = 9;

/**
 * A number as PromQL text, exactly as a person would write it: 1 - 0.999 is 0.001 and not 0.0010000000000000009.
 * @throws {RangeError} when nine digits behind the point are not enough
 */
export function decimal(value: number): string {
  const text = value.toFixed(digits).replace(/\.?0+$/, "");
  if (!(Math.abs(Number(text) - value) < 1e-12)) {
    throw new RangeError(`${value} has more than ${digits} digits behind the point`);
  }
  return text;
}
