/** Weaknesses that no policy looks for, each with the reason. A reason that explains nothing fails the test. */
export const explained: readonly { weakness: RegExp; reason: string }[] = [
  {
    weakness: /^Deployment attic-gc: spec\.template\.spec\.terminationGracePeriodSeconds/,
    reason: "the collector serves nobody, and what is interrupted is collected by its next run",
  },
  {
    weakness: /^Deployment attic: spec\.strategy left out/,
    reason:
      "Kubernetes' default then holds: in a rollout a quarter of the pods may be missing, of three none",
  },
  {
    weakness: /^IngressRoute attic-redirect: spec\.entryPoints/,
    reason: "on HTTPS the redirect has the lowest priority and a host of its own; every route goes before it",
  },
  {
    weakness: /^NetworkPolicy (acme-http01-solver|attic-pg-jobs): /,
    reason:
      "operators make these pods, so no graph of the program has them; without their policy everything is denied them",
  },
  {
    weakness: /^Cluster attic-pg: spec\.postgresql\.pg_hba weaker \(way/,
    reason: "the rules meet different connections, so any order of them refuses the same ones",
  },
  {
    weakness: /^PrivateKey signing-key: not protected$/,
    reason:
      "let go of by name, it can be replaced when it leaked, and the program tells of it in every update",
  },
];
