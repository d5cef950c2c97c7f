import { resourcePolicy } from "../framework/policy.ts";
import { CLUSTER, clusterOf } from "./cluster.ts";

const WEAK = ["trust", "password", "md5", "ident"];

/**
 * The operator ends pg_hba with a rule that takes connections without TLS, so only a refusal of them that comes
 * before keeps them out; `hostssl` alone refuses nobody.
 */
export const databaseTls = resourcePolicy({
  name: "database-tls",
  description:
    "The database refuses connections without TLS before any other rule, and takes SCRAM passwords only.",
  level: "mandatory",
  kinds: [CLUSTER],
  *check(subject) {
    const { pg_hba = [], parameters = {} } = clusterOf(subject).postgresql ?? {};
    const field = "spec.postgresql.pg_hba";
    const rules = pg_hba.map((line) => line.replace(/#.*/, "").trim().split(/\s+/));
    const refusal = rules.findIndex((rule) => rule.join(" ") === "hostnossl all all all reject");
    const plain = rules.findIndex(
      ([type, ...rest]) => (type === "host" || type === "hostnossl") && rest.at(-1) !== "reject",
    );
    if (refusal < 0 || (plain >= 0 && plain < refusal)) {
      yield {
        field: refusal < 0 ? field : `${field}[${plain}]`,
        found: refusal < 0 ? pg_hba : pg_hba[plain],
        problem: "connections without TLS are taken",
        fix: "Begin with: hostnossl all all all reject",
      };
    }
    for (const [index, rule] of rules.entries()) {
      const method = rule.find((word) => WEAK.includes(word));
      if (!rule[0]?.startsWith("host") || method === undefined) continue;
      yield {
        field: `${field}[${index}]`,
        found: pg_hba[index],
        problem:
          method === "trust"
            ? "nobody is asked for a password"
            : `${method} lets passwords be read or guessed`,
        fix: "Use scram-sha-256, or cert.",
      };
    }
    if (parameters.password_encryption !== undefined && parameters.password_encryption !== "scram-sha-256") {
      yield {
        field: "spec.postgresql.parameters.password_encryption",
        found: parameters.password_encryption,
        problem: "passwords are kept in a form that can be guessed fast",
        fix: "Set it to scram-sha-256.",
      };
    }
  },
});

/** Nothing of the stack needs the superuser, whose password would be one more secret to lose. */
export const databaseSuperuser = resourcePolicy({
  name: "database-superuser",
  description: "Nobody logs in to the database as its superuser.",
  level: "mandatory",
  kinds: [CLUSTER],
  *check(subject) {
    const { enableSuperuserAccess, bootstrap } = clusterOf(subject);
    if (enableSuperuserAccess === true) {
      yield {
        field: "spec.enableSuperuserAccess",
        found: true,
        problem: "there is a password that allows everything",
        fix: "Set it to false; kubectl cnpg psql needs none.",
      };
    }
    const owner = bootstrap?.initdb?.owner;
    if (owner === "postgres") {
      yield {
        field: "spec.bootstrap.initdb.owner",
        found: owner,
        problem: "Attic would be the database's superuser",
        fix: "Name a role of its own.",
      };
    }
  },
});
