/** A value in the Nix language, indented as it stands in a file. */
export function nixValue(value: unknown, indent = ""): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return "[ ]";
    return `[\n${value.map((each) => `${inner}${nixValue(each, inner)}\n`).join("")}${indent}]`;
  }
  if (typeof value === "object" && value !== null) {
    const lines = Object.entries(value).map(
      ([name, each]) => `${inner}${nixName(name)} = ${nixValue(each, inner)};\n`,
    );
    return `{\n${lines.join("")}${indent}}`;
  }
  return typeof value === "string" ? nixString(value) : String(value);
}

/** A string of the Nix language, in which nothing is replaced. */
export const nixString = (text: string): string =>
  `"${text.replace(/["\\]|\$\{/g, (odd) => `\\${odd}`).replaceAll("\n", "\\n")}"`;

/** The name of an attribute; quoted where it is none by itself. */
const nixName = (name: string) => (/^[A-Za-z_][A-Za-z0-9_'-]*$/.test(name) ? name : nixString(name));
