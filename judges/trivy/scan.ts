import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Judgement } from "../finding.ts";
import type { JudgedObject } from "../manifests.ts";
import { runJudge } from "../run.ts";

/** A line that `main.go` prints. */
interface Verdict {
  readonly check: string;
  readonly title: string;
  readonly severity: string;
  readonly file: string;
  readonly passed: boolean;
  readonly message: string;
}

/**
 * Asks Trivy about objects: every check of Kubernetes objects that is in its binary.
 *
 * @param binary its path
 */
export async function trivy(binary: string, objects: readonly JudgedObject[]): Promise<Judgement> {
  const folder = await mkdtemp(join(tmpdir(), "attic-trivy-"));
  try {
    const names = new Map<string, string>();
    for (const [index, object] of objects.entries()) {
      names.set(`${index}.yaml`, `${object.kind}/${object.metadata.name}`);
      await writeFile(join(folder, `${index}.yaml`), JSON.stringify(object));
    }
    const verdicts = (await runJudge(binary, [folder]))
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Verdict);
    return {
      passed: verdicts.filter(({ passed }) => passed).length,
      findings: verdicts
        .filter(({ passed }) => !passed)
        .map(({ check, title, severity, file, message }) => ({
          scanner: "trivy",
          check,
          object: names.get(file) ?? file,
          message: `${severity}: ${title}: ${message}`,
        })),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
