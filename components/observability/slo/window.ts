/** A span that a share of requests is computed over. */
export type Window = "5m" | "30m" | "1h" | "2h" | "6h" | "1d" | "3d" | "7d" | "30d";

const units = { m: 60, h: 3600, d: 86_400 } as const;

/** A window's length in seconds. */
export function seconds(window: Window): number {
  const unit = window.slice(-1) as keyof typeof units;
  return Number(window.slice(0, -1)) * units[unit];
}

/** A window's length in days. */
export const days = (window: Window) => seconds(window) / units.d;
