import { describe, expect, test } from "vitest";
import { migrations, migrationsOptions } from "../../../../components/attic/migrations.ts";
import { ofKind } from "../../../../components/kubernetes/manifest.ts";
import { externalDatabase, image, stackConfig } from "../../../support/settings.ts";

const job = (...settings: Parameters<typeof stackConfig>) =>
  ofKind("Job", migrations(stackConfig(...settings)));

describe("the migrations", () => {
  test("run the image's own migrator, and nothing else", () => {
    const { containers } = job().spec.template.spec;
    expect(containers).toHaveLength(1);
    expect(containers[0].image).toBe(image);
    expect(containers[0].args).toEqual(["-f", "/etc/attic/server.toml", "--mode", "db-migrations"]);
  });

  test("are a new Job for each image, and for each way to the database", () => {
    const other = image.replace(/.$/, "1");
    const names = [
      job(),
      job({ image: other }),
      job({ database: externalDatabase({ password: "x" }) }, ["database"]),
    ];
    expect(new Set(names.map(({ metadata }) => metadata.name)).size).toBe(3);
    for (const { metadata } of names) expect(metadata.name).toMatch(/^attic-migrate-[0-9a-f]{8}$/);
  });

  test("are the same Job while neither changes", () => {
    expect(job({ api: { scaling: { minReplicas: 4 } } }).metadata.name).toBe(job().metadata.name);
  });

  test("are tried one at a time, since two on an empty database fail each other", () => {
    const { spec } = job();
    expect(spec.podReplacementPolicy).toBe("Failed");
    expect(spec.parallelism ?? 1).toBe(1);
    expect(spec.completions ?? 1).toBe(1);
    expect(spec.template.spec.restartPolicy).toBe("Never");
  });

  test("are tried again while the database comes up, and given up after a quarter of an hour", () => {
    expect(job().spec).toMatchObject({ backoffLimit: 4, activeDeadlineSeconds: 900 });
  });

  test("are waited for until then, so that no update ends a migration that still runs", () => {
    expect(job().spec.activeDeadlineSeconds).toBeLessThan(20 * 60);
    expect(migrationsOptions.customTimeouts.create).toBe("20m");
  });

  test("are made anew by the next update once they have failed, the old Job going first", () => {
    expect(migrationsOptions).toMatchObject({ deleteBeforeReplace: true, replaceOnChanges: ["#initerror"] });
  });

  test("end soon when told to, although the process ignores the order", () => {
    expect(job().spec.template.spec.terminationGracePeriodSeconds).toBe(5);
  });

  test("leave the end of their log where whoever deploys sees it, when they fail", () => {
    expect(job().spec.template.spec.containers[0].terminationMessagePolicy).toBe("FallbackToLogsOnError");
  });

  test("meet the restricted Pod Security level", () => {
    const pod = job().spec.template.spec;
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(pod.containers[0].securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    });
    expect(pod.automountServiceAccountToken).toBe(false);
  });

  test("carry no label of cdk8s, which would change with the position in the chart", () => {
    expect(
      Object.keys(job().spec.template.metadata.labels).filter((label) => label.startsWith("cdk8s")),
    ).toEqual([]);
  });
});
