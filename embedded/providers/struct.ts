/** google.protobuf.Struct to plain JavaScript and back, with Pulumi's special values. */

import type {
  Struct as StructMessage,
  Value as ValueMessage,
} from "google-protobuf/google/protobuf/struct_pb.js";
import structPb from "google-protobuf/google/protobuf/struct_pb.js";
import type { Props } from "./provider.ts";

const { ListValue, NullValue, Struct, Value } = structPb;

/** Stands for a value that is not known before the update. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

// The engine has one sentinel per type; which one it was does not matter to a provider.
const UNKNOWNS = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/** A value to be encrypted in the state and hidden on screen. */
export class Secret {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

/** Whether `value` is, or holds somewhere, an unknown value. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isObject(value) && Object.values(value).some(hasUnknown);
}

/** Whether `value` is an object with properties, neither null nor a list. */
export function isObject(value: unknown): value is Props {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Decodes a message; secrets are unwrapped, unknowns become {@link UNKNOWN}. */
export function fromStruct(struct: StructMessage | undefined): Props {
  const props: Props = {};
  struct?.getFieldsMap().forEach((value: ValueMessage, key: string) => {
    props[key] = fromValue(value);
  });
  return props;
}

function fromValue(value: ValueMessage): unknown {
  switch (value.getKindCase()) {
    case Value.KindCase.STRING_VALUE: {
      const text = value.getStringValue();
      return UNKNOWNS.has(text) ? UNKNOWN : text;
    }
    case Value.KindCase.NUMBER_VALUE:
      return value.getNumberValue();
    case Value.KindCase.BOOL_VALUE:
      return value.getBoolValue();
    case Value.KindCase.LIST_VALUE:
      return value.getListValue()?.getValuesList().map(fromValue) ?? [];
    case Value.KindCase.STRUCT_VALUE: {
      const object = fromStruct(value.getStructValue());
      return object[SIGNATURE] === SECRET_SIGNATURE ? object.value : object;
    }
    default:
      return null;
  }
}

/** Encodes plain values; `undefined` properties are left out, {@link Secret} stays secret. */
export function toStruct(props: Props): StructMessage {
  const struct = new Struct();
  const fields = struct.getFieldsMap();
  for (const [key, value] of Object.entries(props)) {
    if (value !== undefined) fields.set(key, toValue(value, key));
  }
  return struct;
}

function toValue(value: unknown, path: string): ValueMessage {
  const message = new Value();
  if (value === null || value === undefined) return message.setNullValue(NullValue.NULL_VALUE);
  if (typeof value === "string") return message.setStringValue(value);
  if (typeof value === "boolean") return message.setBoolValue(value);
  if (typeof value === "number" && Number.isFinite(value)) return message.setNumberValue(value);
  if (Array.isArray(value)) {
    const list = new ListValue();
    list.setValuesList(value.map((item, index) => toValue(item, `${path}[${index}]`)));
    return message.setListValue(list);
  }
  if (value instanceof Secret) {
    return message.setStructValue(toStruct({ [SIGNATURE]: SECRET_SIGNATURE, value: value.value }));
  }
  if (isObject(value)) return message.setStructValue(toStruct(value));
  throw new TypeError(`${path}: a ${typeof value} (${String(value)}) can't be sent to the engine`);
}
