import { type PolicyResource, type ResourceValidationArgs, UnknownValueError } from "@pulumi/policy";
import { STACK_TYPE, type Stack, type Subject, subject } from "./subject.ts";
import { UNKNOWN } from "./unknown.ts";
import { secretPaths, shareUnpacking, valuesBehind } from "./unpacked.ts";

/** Reads what the engine hands over, once for all policies. */
export class Reader {
  /** By the values that all policies share. */
  readonly #read = new WeakMap<object, Subject>();
  /** What the program asked for, by URN. */
  readonly #asked = new Map<string, Subject>();
  readonly #stacks = new WeakMap<object, Stack>();

  constructor() {
    shareUnpacking();
  }

  /** A resource, as the program asked for it. */
  resource(args: ResourceValidationArgs): Subject {
    const asked = this.#subject(args, args.opts.parent);
    this.#asked.set(args.urn, asked);
    return asked;
  }

  /** All resources, as the program asked for them; of the stack itself, its outputs. */
  stack(resources: PolicyResource[]): Stack {
    const [first] = resources;
    const key = first && valuesBehind(first.props);
    const stack = (key && this.#stacks.get(key)) ?? {
      resources: resources.map((each) => this.#inStack(each)),
    };
    if (key) this.#stacks.set(key, stack);
    return stack;
  }

  #inStack(resource: PolicyResource): Subject {
    const { urn, type, parent, dependencies } = resource;
    const asked = type === STACK_TYPE ? undefined : this.#asked.get(urn);
    return {
      ...(asked ?? this.#subject(resource, parent?.urn)),
      dependencies: dependencies.map((other) => other.urn),
    };
  }

  #subject({ urn, type, name, props, opts }: ResourceValidationArgs | PolicyResource, parent = ""): Subject {
    const key = valuesBehind(props);
    const read =
      this.#read.get(key) ??
      subject({
        urn,
        type,
        name,
        properties: plain(props) as Record<string, unknown>,
        protect: opts.protect,
        deleteBeforeReplace: opts.deleteBeforeReplace,
        parent,
        secrets: secretPaths(props),
      });
    this.#read.set(key, read);
    return read;
  }
}

/** A value of the engine with a mark for what is not known, instead of an exception for whoever reads it. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const read = (key: string) => {
    try {
      return plain((value as Record<string, unknown>)[key]);
    } catch (error) {
      if (error instanceof UnknownValueError) return UNKNOWN;
      throw error;
    }
  };
  const entries = Object.keys(value).map((key) => [key, read(key)] as const);
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}
