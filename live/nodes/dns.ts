import { domain, groundAddress, ingressAddress } from "../addresses.ts";

/**
 * How CoreDNS answers on the ground: the cluster's own names, and the ingress for every name of `domain`.
 * @param kubeconfig path of the file by which it asks for Services
 */
export const corefileOf = (kubeconfig: string) => `.:53 {
  bind ${groundAddress}
  errors
  health ${groundAddress}:8081
  ready ${groundAddress}:8082
  cache 5
  template IN A ${domain} {
    answer "{{ .Name }} 5 IN A ${ingressAddress}"
  }
  # They are there, and have no address of the other family.
  template IN ANY ${domain} {
    rcode NOERROR
  }
  kubernetes cluster.local {
    kubeconfig ${kubeconfig}
    ttl 5
  }
}
`;
