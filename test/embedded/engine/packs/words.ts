/** Imported by a pack, to show that packs can import TypeScript. */
export const FORBIDDEN: string = "rude";
