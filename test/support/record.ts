import type { Manifest } from "../../components/kubernetes/manifest.ts";
import type { Settings } from "../../config/schema/index.ts";
import program from "../../index.ts";
import { type MockAnswers, type RecordedResource, type Recording, record } from "../../render/record.ts";
import { testKey } from "./keys.ts";
import { least, raw } from "./settings.ts";

/** What the tls provider would compute. */
const answers: MockAnswers = {
  state: (type, name, inputs): Record<string, unknown> =>
    type === "tls:index/privateKey:PrivateKey" ? { ...testKey(name, inputs.algorithm as string) } : {},
};

/** Records the whole program with the least settings and these. */
export function recordProgram(
  settings: Partial<Settings> = {},
  { preview = false, secretKeys = [] as string[], now = new Date("2026-11-21T08:00:00Z") } = {},
): Promise<Recording> {
  return record(() => program(now), {
    stack: "test",
    config: raw({ ...least, ...settings }, secretKeys),
    preview,
    answers: preview ? {} : answers,
  });
}

/** The one resource of a short type and a name. */
export function find({ resources }: Recording, type: string, name: string): RecordedResource {
  const found = resources.filter((r) => r.type.endsWith(`:${type}`) && r.name === name);
  if (found.length !== 1 || !found[0]) {
    const all = resources.map((r) => `${r.type} ${r.name}`).join("\n  ");
    throw new Error(`expected one ${type} ${name}, found ${found.length} among:\n  ${all}`);
  }
  return found[0];
}

/** The same as a Kubernetes object. */
export const object = (recording: Recording, type: string, name: string) =>
  find(recording, type, name).inputs as unknown as Manifest;
