/** Stand-in for the official random provider. Values come from the operating system's generator. */
import { diffValues, replaceOn } from "../diff-values.ts";
import { ProviderError } from "../errors.ts";
import type { CheckFailure, Props, Provider } from "../provider.ts";
import { versionOf } from "../stand-ins.ts";
import { hasUnknown, Secret } from "../struct.ts";
import {
  randomBytesOutputs,
  randomIdOutputs,
  randomTextOutputs,
  randomUuidOutputs,
  textFailures,
} from "./values.ts";

interface Kind {
  /** The inputs with the official defaults. */
  readonly defaults: Props;
  readonly secrets: readonly string[];
  check(inputs: Props): CheckFailure[];
  /** The id and the generated outputs. */
  generate(inputs: Props): { id: string; outputs: Props };
}

const TEXT_DEFAULTS = {
  lower: true,
  upper: true,
  numeric: true,
  special: true,
  minLower: 0,
  minUpper: 0,
  minNumeric: 0,
  minSpecial: 0,
};

const KINDS: Record<string, Kind> = {
  "random:index/randomPassword:RandomPassword": {
    defaults: TEXT_DEFAULTS,
    secrets: ["result", "bcryptHash"],
    check: textFailures,
    // A password must not be the id too: ids are shown.
    generate: (inputs) => ({ id: "none", outputs: randomTextOutputs(inputs) }),
  },
  "random:index/randomString:RandomString": {
    defaults: TEXT_DEFAULTS,
    secrets: [],
    check: textFailures,
    generate(inputs) {
      const outputs = randomTextOutputs(inputs);
      return { id: outputs.result, outputs };
    },
  },
  "random:index/randomId:RandomId": {
    defaults: {},
    secrets: [],
    check: (inputs) => positive("byteLength", inputs),
    generate(inputs) {
      const outputs = randomIdOutputs(Number(inputs.byteLength), String(inputs.prefix ?? ""));
      return { id: outputs.id, outputs };
    },
  },
  "random:index/randomUuid:RandomUuid": {
    defaults: {},
    secrets: [],
    check: () => [],
    generate() {
      const outputs = randomUuidOutputs();
      return { id: outputs.result, outputs };
    },
  },
  "random:index/randomBytes:RandomBytes": {
    defaults: {},
    secrets: ["base64", "hex"],
    check: (inputs) => positive("length", inputs),
    generate: (inputs) => ({ id: "none", outputs: randomBytesOutputs(Number(inputs.length)) }),
  },
};

/** Makes a random provider. */
export function randomProvider(): Provider {
  return {
    name: "random",
    version: versionOf("random"),

    async check({ type, news }) {
      const kind = KINDS[type];
      if (kind === undefined) {
        const names = Object.keys(KINDS).map((token) => token.split(":").at(-1));
        const reason = `${type}: the stand-in for random does ${names.join(", ")} only`;
        return { inputs: news, failures: [{ property: "", reason }] };
      }
      const { number, ...rest } = news;
      const inputs: Props = { ...kind.defaults, ...rest };
      // `number` is the old name of `numeric`.
      if (number !== undefined && news.numeric === undefined && "numeric" in kind.defaults)
        inputs.numeric = number;
      return { inputs, failures: hasUnknown(inputs) ? [] : kind.check(inputs) };
    },

    // Nothing about a random value can change in place: new options mean a new value.
    async diff({ oldInputs, news }) {
      return { detailed: replaceOn(diffValues(oldInputs, news), Object.keys({ ...oldInputs, ...news })) };
    },

    async create({ type, news, preview }) {
      const kind = kindOf(type);
      if (preview) return { id: "", outputs: news };
      const { id, outputs } = kind.generate(news);
      return { id, outputs: hide({ ...news, ...outputs }, kind) };
    },

    async read({ type, id, inputs, outputs }) {
      if (Object.keys(outputs).length === 0) {
        throw new ProviderError("a random value lives in the state only, so there is none to import");
      }
      return { id, inputs, outputs: hide(outputs, kindOf(type)) };
    },

    async update({ type, news, oldOutputs }) {
      return hide({ ...oldOutputs, ...news }, kindOf(type));
    },

    async delete() {},
  };
}

function kindOf(type: string): Kind {
  const kind = KINDS[type];
  if (kind === undefined) throw new ProviderError(`${type}: the stand-in for random does not know this type`);
  return kind;
}

function positive(property: string, inputs: Props): CheckFailure[] {
  const value = inputs[property];
  if (Number.isInteger(value) && Number(value) >= 1) return [];
  return [{ property, reason: `found ${JSON.stringify(value)}; allowed: a whole number from 1 up` }];
}

function hide(outputs: Props, { secrets }: Kind): Props {
  return Object.fromEntries(
    Object.entries(outputs).map(([key, value]) => [key, secrets.includes(key) ? new Secret(value) : value]),
  );
}
