import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Job, loadConfiguration } from "../../../judges/gitlab-ci/configuration.ts";

const project = join(import.meta.dirname, "../../..");
const configuration = loadConfiguration(project);
const own = [...configuration.jobs].filter(([, { foreign }]) => !foreign);
const lines = ({ before_script, script, after_script = [] }: Job) => [
  ...before_script,
  ...script,
  ...after_script,
];

/** Commands that change a stack, a cluster, or GitLab's variables. */
const changes =
  /atticctl (deploy|rollback|destroy|caches sync (?!.*--(check|dry-run))|tokens (rotate|revoke)|tokens publish (?!.*--dry-run)|db (drill|restore|backup))|pulumi (up|destroy|refresh|import)/;
const mutating = own.filter(([, job]) => lines(job).some((line) => changes.test(line)));
const reading = own.filter(([, job]) => job.ancestors.includes(".reads"));

describe("a job that changes something", () => {
  test("is each of these, and no other", () => {
    expect(mutating.map(([name]) => name).sort()).toEqual([
      "caches:production",
      "caches:staging",
      "deploy:production",
      "deploy:staging",
      "restore-drill:production",
      "restore-drill:staging",
      "rollback:production",
      "rollback:staging",
      "rotate-tokens:production",
      "rotate-tokens:staging",
      "stop:staging",
    ]);
  });

  describe.each(mutating)("%s", (name, job) => {
    const environment = name.split(":")[1];

    test("asks the freeze gate before it can do anything, and nobody overrides that", () => {
      expect(job.ancestors).toContain(".freeze-gate");
      const [install, gate] = lines(job);
      expect(install).toContain("npm ci");
      expect(gate).toMatch(/^npx atticctl gate --for "\$UNDERTAKING"/);
    });

    test("takes its turn in its environment", () => {
      expect(job).toMatchObject({ resource_group: environment, environment: { name: environment } });
    });

    test("is neither interrupted nor run again by itself", () => {
      expect(job).toMatchObject({ interruptible: false, retry: 0 });
    });

    test("has the role that may change things, of its environment, and the stack of that name", () => {
      expect(job.variables).toMatchObject({ AWS_ROLE_ARN: "$AWS_APPLY_ROLE_ARN", STACK: environment });
    });
  });

  test("is let past a freeze by FREEZE_OVERRIDE when it is a rollback or follows a revocation, and not otherwise", () => {
    const past = mutating.filter(([, { variables }]) => variables.UNDERTAKING !== "deploy");
    expect(past.map(([name, { variables }]) => [name, variables.UNDERTAKING])).toEqual([
      ["rollback:staging", "rollback"],
      ["rollback:production", "rollback"],
      ["rotate-tokens:staging", "revoke"],
      ["rotate-tokens:production", "revoke"],
    ]);
    // Everyone hands on the reason: the gate says why it does not count for others.
    expect(mutating.filter(([, job]) => /FREEZE_OVERRIDE/.test(job.script.join("\n")))).toEqual(past);
  });

  test("tells which tokens end, when it rotates them, also where a freeze stopped it before", () => {
    const telling = own.filter(([, { after_script }]) => after_script);
    expect(telling.map(([name]) => name)).toEqual(["rotate-tokens:staging", "rotate-tokens:production"]);
    for (const [, { after_script }] of telling) {
      expect(after_script?.[0]).toContain("AWS_WEB_IDENTITY_TOKEN_FILE");
      expect(after_script?.slice(1)).toEqual(['npx atticctl tokens list --stack "$STACK"']);
    }
  });

  test("stops staging only", () => {
    expect(own.filter(([, job]) => job.environment?.action === "stop").map(([name]) => name)).toEqual([
      "stop:staging",
    ]);
    expect(configuration.jobs.get("deploy:staging")?.environment?.on_stop).toBe("stop:staging");
    expect(configuration.jobs.get("deploy:production")?.environment?.on_stop).toBeUndefined();
  });

  test("is a deployment to GitLab when the commit's own stack is brought up, and not when a schedule ran", () => {
    const deployments = own.filter(([, { environment }]) => environment && !environment.action);
    expect(deployments.map(([name]) => name.split(":")[0]).sort()).toEqual([
      "deploy",
      "deploy",
      "rollback",
      "rollback",
    ]);
  });
});

describe("a job that only looks", () => {
  test.each(reading)(
    "%s has the role that may look, in an environment that nobody deploys to",
    (name, job) => {
      const environment = name.split(":")[1];
      expect(job.variables).toMatchObject({ AWS_ROLE_ARN: "$AWS_PLAN_ROLE_ARN", STACK: environment });
      expect(job.environment).toMatchObject({ name: `read/${environment}`, deployment_tier: "other" });
      expect(job.environment?.action).toMatch(/^(access|verify)$/);
    },
  );

  test("is every job that has credentials and changes nothing", () => {
    const others = own.filter(([, job]) => job.id_tokens && !mutating.some(([, other]) => other === job));
    expect(others).toEqual(reading);
  });

  test.each(own.filter(([, { stage }]) => ["validate", "test", "preview"].includes(stage)))(
    "%s makes way for a newer commit",
    (_, { interruptible }) => {
      expect(interruptible).toBe(true);
    },
  );

  test.each(own.filter(([, { stage }]) => ["validate", "test"].includes(stage)))(
    "%s comes before any credential",
    (_, { id_tokens, environment }) => {
      expect({ id_tokens, environment }).toEqual({ id_tokens: undefined, environment: undefined });
    },
  );
});

describe("every job", () => {
  test.each(own)(
    "%s says in its rules, and nowhere else, when it runs",
    (_, { rules, when, allow_failure }) => {
      expect(rules?.length).toBeGreaterThan(0);
      expect({ when, allow_failure }).toEqual({ when: undefined, allow_failure: undefined });
    },
  );

  test.each(own)("%s runs in the one image", (_, { image }) => {
    expect(image).toEqual({ name: "$CI_IMAGE", entrypoint: [""] });
  });

  test.each(own)("%s fails the pipeline when it fails", (_, job) => {
    const allowed = (job.rules ?? []).filter((rule) => rule.allow_failure === true);
    // A person who does not roll back must not hold up the pipeline.
    expect(allowed.every(({ when }) => when === "manual")).toBe(true);
    expect(lines(job).join("\n")).not.toMatch(/\|\| (true|:|exit 0)/);
  });

  test.each(own)("%s ends by itself", (_, { timeout }) => {
    expect(timeout).toMatch(/^\d+ (minutes|hours?)$/);
  });

  test.each(own)("%s keeps what it was given to itself", (_, job) => {
    const text = lines(job).join("\n");
    expect(text).not.toMatch(/set -[a-z]*x|\bprintenv\b|\benv\b *(\||$)|export -p/m);
    // The one way that a secret is used: the shell itself writes it into a file.
    const secrets =
      text.match(/^.*\$\{?[A-Z_]*(TOKEN|SECRET|PASSWORD|PASSPHRASE|PRIVATE)[A-Z_]*\b.*$/gm) ?? [];
    for (const line of secrets) {
      expect(line.trim()).toMatch(
        /^(printf '%s' "\$AWS_ID_TOKEN" >"\$AWS_WEB_IDENTITY_TOKEN_FILE"|export AWS_WEB_IDENTITY_TOKEN_FILE="\$\(mktemp\)")$/,
      );
    }
  });

  test.each(own.filter(([, { artifacts }]) => artifacts))(
    "%s keeps its results for a time",
    (_, { artifacts }) => {
      expect(artifacts?.expire_in).toMatch(/^(\d+) (days?|weeks?|months?)$/);
      if (artifacts?.paths) expect(artifacts.access).toBe("developer");
    },
  );

  test.each(own.filter(([, { cache }]) => cache))(
    "%s has caches that the lock files name",
    (_, { cache }) => {
      const [packages, other, ...more] = cache ?? [];
      expect(packages).toMatchObject({ key: { files: ["package-lock.json"] }, paths: ["node_modules/"] });
      expect(["package-lock.json", "embedded/control-plane/go.sum"]).toContain(other?.key.files[0]);
      expect(more).toEqual([]);
    },
  );
});

describe("the plan", () => {
  test.each(["staging", "production"])("of %s that reviewers saw is what is deployed", (environment) => {
    const preview = configuration.jobs.get(`preview:${environment}`);
    const deploy = configuration.jobs.get(`deploy:${environment}`);
    const folder = "out/plan-$STACK";
    expect(preview?.artifacts).toMatchObject({
      paths: [`${folder}/`],
      access: "developer",
      expire_in: "1 week",
    });
    expect(preview?.script.join("\n")).toContain(`--out "${folder}"`);
    expect(deploy?.needs).toContainEqual({ job: `preview:${environment}`, artifacts: true });
    expect(deploy?.script.join("\n")).toContain(`--plan "${folder}"`);
  });

  test("that policies refuse is shown to reviewers, and fails the job afterwards", () => {
    const script = configuration.jobs.get("preview:staging")?.script.join("\n") ?? "";
    const [preview, note, exit] = ["atticctl preview", "atticctl note", 'exit "$status"'].map((text) =>
      script.indexOf(text),
    );
    expect([preview, note, exit]).toEqual([preview, note, exit].sort((a = 0, b = 0) => a - b));
    expect(preview).toBeGreaterThan(0);
    expect(configuration.jobs.get("preview:staging")?.artifacts?.when).toBe("always");
  });
});

describe("what is verified", () => {
  test.each(["staging", "production"])("in %s is shown as tests, also when it failed", (environment) => {
    const { script, artifacts } = configuration.jobs.get(`verify:${environment}`) ?? {};
    expect(script?.join("\n")).toContain('--junit "out/verify-$STACK.xml"');
    expect(artifacts).toMatchObject({ when: "always", reports: { junit: "out/verify-$STACK.xml" } });
  });
});

describe("the image", () => {
  const [name = "", tag, digest] = configuration.variables.CI_IMAGE?.split(/:|@(?=sha256)/) ?? [];

  test("has the Pulumi that the program is written for", () => {
    const { dependencies } = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
    expect(name).toBe("pulumi/pulumi");
    expect(tag).toBe(dependencies["@pulumi/pulumi"]);
  });

  // Digests of these were asked of the registry. Add a tag here with its digest, and the image must keep one.
  const known: string[] = [];
  test("has a digest where one is known", () => {
    expect(digest ?? "").toMatch(
      known.includes(tag ?? "") ? /^sha256:[0-9a-f]{64}$/ : /^(sha256:[0-9a-f]{64})?$/,
    );
  });
});
