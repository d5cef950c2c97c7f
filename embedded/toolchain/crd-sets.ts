/** The custom resource definitions of one project, as its Go module holds them. */
export interface CrdSet {
  readonly name: string;
  readonly module: string;
  readonly version: string;
  /** What the module has to hash to, as in a go.sum. */
  readonly sum: string;
  /** The file, or the directory of YAML files, within the module. */
  readonly path: string;
  readonly licence: string;
}

/** Every set the program's objects need, at the versions it is written for. */
export const crdSets: readonly CrdSet[] = [
  {
    name: "cloudnative-pg",
    module: "github.com/cloudnative-pg/cloudnative-pg",
    version: "v1.29.0",
    sum: "h1:49Dm8+y4va7RODspJjeaK8uMWP3OGAD0gMsxhjm16Mo=",
    path: "config/crd/bases",
    licence: "Apache-2.0",
  },
  {
    name: "plugin-barman-cloud",
    module: "github.com/cloudnative-pg/plugin-barman-cloud",
    version: "v0.15.0",
    sum: "h1:gNVytrzzYUE08wxLDrjfJqy1FPPSFkMe1OEr4s4pVI0=",
    path: "config/crd/bases",
    licence: "Apache-2.0",
  },
  {
    name: "traefik",
    module: "github.com/traefik/traefik/v3",
    version: "v3.7.13",
    sum: "h1:T8wy9KuaFzCkmXCqAzDy7t73pBDR1DHrJe3pqXpNXTw=",
    path: "docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml",
    licence: "MIT",
  },
  {
    name: "prometheus-operator",
    module: "github.com/prometheus-operator/prometheus-operator",
    version: "v0.85.0",
    sum: "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
    path: "example/prometheus-operator-crd",
    licence: "Apache-2.0",
  },
  {
    name: "cert-manager",
    module: "github.com/cert-manager/cert-manager",
    version: "v1.21.2",
    sum: "h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68=",
    path: "deploy/crds",
    licence: "Apache-2.0",
  },
];
