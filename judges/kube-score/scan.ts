import type { Finding, Judgement } from "../finding.ts";
import type { JudgedObject } from "../manifests.ts";
import { runJudge } from "../run.ts";

/** As much of kube-score's JSON (`v2`) as is read. */
interface ScoredObject {
  readonly type_meta: { readonly kind: string };
  readonly object_meta: { readonly name: string };
  readonly checks: readonly {
    readonly check: { readonly id: string };
    /** 10 is as it should be, 1 critical; 5 and 7 are between. */
    readonly grade: number;
    readonly skipped: boolean;
    readonly comments: readonly { readonly path: string; readonly summary: string }[] | null;
  }[];
}

/** Satisfied, in kube-score's grades. */
const good = 10;

/**
 * Asks kube-score about objects: every check that it has, the optional ones too, for the Kubernetes of the
 * embedded control plane. Annotations that would silence it do not count.
 *
 * @param binary its path
 */
export async function kubeScore(binary: string, objects: readonly JudgedObject[]): Promise<Judgement> {
  const output = await runJudge(
    binary,
    [
      "score",
      "--output-format=json",
      "--all-default-optional",
      "--disable-ignore-checks-annotations",
      "--disable-optional-checks-annotations",
      "--kubernetes-version=v1.36",
      "-",
    ],
    { input: objects.map((object) => JSON.stringify(object)).join("\n---\n"), accepted: [0, 1] },
  );
  const checks = (JSON.parse(output) as ScoredObject[]).flatMap(({ type_meta, object_meta, checks }) =>
    checks
      .filter(({ skipped }) => !skipped)
      .map((check) => ({ ...check, object: `${type_meta.kind}/${object_meta.name}` })),
  );
  const findings = checks
    .filter(({ grade }) => grade < good)
    .flatMap(({ check, object, comments }): Finding[] =>
      (comments ?? [{ path: "", summary: "" }]).map(({ path, summary }) => ({
        scanner: "kube-score",
        check: check.id,
        object,
        message: path ? `${path}: ${summary}` : summary,
      })),
    );
  return { passed: checks.filter(({ grade }) => grade >= good).length, findings };
}
