/** Stand-in for the official TLS provider: private keys. */
import { diffValues, replaceOn } from "../diff-values.ts";
import { ProviderError } from "../errors.ts";
import type { CheckFailure, Props, Provider } from "../provider.ts";
import { versionOf } from "../stand-ins.ts";
import { Secret, UNKNOWN } from "../struct.ts";
import { ALGORITHMS, CURVES, generateKey, type KeyOptions } from "./private-key.ts";

const PRIVATE_KEY = "tls:index/privateKey:PrivateKey";
const SECRETS = ["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"];

/** Makes a TLS provider. */
export function tlsProvider(): Provider {
  return {
    name: "tls",
    version: versionOf("tls"),

    async check({ type, news }) {
      if (type !== PRIVATE_KEY) {
        return {
          inputs: news,
          failures: [{ property: "", reason: `${type}: the stand-in for tls does PrivateKey only` }],
        };
      }
      const { ecdsaCurve = "P224", rsaBits = 2048 } = news;
      const inputs: Props = { ...news, ecdsaCurve, rsaBits };
      return { inputs, failures: failuresOf(inputs) };
    },

    async diff({ oldInputs, news }) {
      return { detailed: replaceOn(diffValues(oldInputs, news), Object.keys({ ...oldInputs, ...news })) };
    },

    async create({ news, preview }) {
      if (preview) return { id: "", outputs: news };
      const { fingerprint, ...key } = await generateKey(news as unknown as KeyOptions);
      return { id: fingerprint, outputs: hide({ ...news, ...key, id: fingerprint }) };
    },

    async read({ id, inputs, outputs }) {
      if (Object.keys(outputs).length === 0) {
        throw new ProviderError("a private key lives in the state only, so there is none to import");
      }
      return { id, inputs, outputs: hide(outputs) };
    },

    async update({ news, oldOutputs }) {
      return hide({ ...oldOutputs, ...news });
    },

    async delete() {},
  };
}

function failuresOf({ algorithm, ecdsaCurve, rsaBits }: Props): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const oneOf = (property: string, value: unknown, allowed: readonly string[]) => {
    if (value === UNKNOWN || allowed.includes(String(value))) return;
    failures.push({ property, reason: `found ${JSON.stringify(value)}; allowed: ${allowed.join(", ")}` });
  };
  oneOf("algorithm", algorithm, ALGORITHMS);
  oneOf("ecdsaCurve", ecdsaCurve, Object.keys(CURVES));
  if (rsaBits !== UNKNOWN && !(Number.isInteger(rsaBits) && Number(rsaBits) >= 1024)) {
    failures.push({ property: "rsaBits", reason: `found ${JSON.stringify(rsaBits)}; allowed: 1024 or more` });
  }
  return failures;
}

function hide(outputs: Props): Props {
  return Object.fromEntries(
    Object.entries(outputs).map(([key, value]) => [key, SECRETS.includes(key) ? new Secret(value) : value]),
  );
}
