const binary = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 } as const;

/** Thousandths of a core in a Kubernetes CPU quantity (`"250m"` is 250, `"1.5"` is 1500). */
export function millicores(quantity: string): number {
  return quantity.endsWith("m") ? Number.parseInt(quantity, 10) : Math.round(Number(quantity) * 1000);
}

/** Bytes in a Kubernetes memory quantity with a binary unit (`"1Gi"` is 1073741824). */
export function bytes(quantity: string): number {
  return Number.parseInt(quantity, 10) * binary[quantity.slice(-2) as keyof typeof binary];
}
