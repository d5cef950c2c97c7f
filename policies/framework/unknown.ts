/** Stands for a value that a preview cannot know yet, or that is hidden from the reviewer. */
export const UNKNOWN: unique symbol = Symbol("unknown");

/** Thrown when a policy reads an {@link UNKNOWN} value: it cannot tell yet, so it must not find anything. */
export class CannotTell extends Error {
  /** Path of the value that is not known. */
  readonly field: string;

  constructor(field: string) {
    super(`${field} is not known yet`);
    this.field = field;
  }
}

const targets = new WeakMap<object, object>();

/**
 * A view of plain values that throws {@link CannotTell} when an unknown one is read. Policies read it like any other
 * object, and none of them can take "not known yet" for "missing" or "wrong". `Object.keys` and `in` never throw.
 * @param path where the value stands
 */
export function guarded<T>(value: T, path = ""): T {
  if (typeof value !== "object" || value === null) return value;
  const children = new Map<PropertyKey, unknown>();
  const view = new Proxy(value as object, {
    get(target, key) {
      const child: unknown = Reflect.get(target, key);
      if (typeof key === "symbol" || typeof child === "function") return child;
      if (child === UNKNOWN) throw new CannotTell(join(path, key));
      if (typeof child !== "object" || child === null) return child;
      if (!children.has(key)) children.set(key, guarded(child, join(path, key)));
      return children.get(key);
    },
  });
  targets.set(view, value as object);
  return view as T;
}

/** The plain values behind {@link guarded}, unknown ones among them. */
export function unguarded(value: unknown): unknown {
  return (typeof value === "object" && value !== null && targets.get(value)) || value;
}

/** A path one step further: `spec.containers` and `0` make `spec.containers[0]`. */
export function join(path: string, key: string): string {
  if (/^\d+$/.test(key)) return `${path}[${key}]`;
  if (!/^[\w-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** One text somewhere in a value. */
export interface Text {
  path: string;
  text: string;
}

/** Every known text in a value, at any depth, with its path. */
export function* texts(value: unknown, path = ""): Generator<Text> {
  const plain = unguarded(value);
  if (typeof plain === "string") yield { path, text: plain };
  if (typeof plain !== "object" || plain === null) return;
  for (const [key, child] of Object.entries(plain)) yield* texts(child, join(path, key));
}
