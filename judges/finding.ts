/** What a judge has against an object. */
export interface Finding {
  /** The judge: `kube-score`, `trivy`. */
  scanner: string;
  /** The judge's own name of its check. */
  check: string;
  /** Kind and name, as in `Deployment/attic`. */
  object: string;
  /** The judge's words. */
  message: string;
}

/** What a judge said when it was asked about a stack. */
export interface Judgement {
  /** How often a check was satisfied with an object; none at all means that the judge did not look. */
  passed: number;
  findings: Finding[];
}
