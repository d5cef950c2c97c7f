// The engine's own runner of policy packs compiles TypeScript that it loads itself; it leaves JavaScript, and what
// that imports, to Node, which strips the types.
import "./pack.ts";
