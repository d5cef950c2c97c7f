const patterns = [
  // A token's signature; what stands before it is in the open in many places.
  /eyJ[\w-]+\.eyJ[\w-]+\.([\w-]{40})/g,
  // A key as PEM, with its line breaks as JSON writes them.
  /PRIVATE KEY-----(?:\\+n)([A-Za-z0-9+/]{60})/g,
  // A cache's key, behind its name that ends in eight digits; public ones are shorter.
  /-[0-9a-f]{8}:([A-Za-z0-9+/]{80})/g,
];

/**
 * What must be seen nowhere of a stack: a piece of each token of every kind and generation, and of each private key.
 * @param state as `pulumi stack export --show-secrets` prints it
 */
export const secretsIn = (state: string): string[] => [
  ...new Set(
    patterns.flatMap((pattern) => [...state.matchAll(pattern)].map(([, secret]) => secret as string)),
  ),
];
