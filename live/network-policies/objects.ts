/** What is read of the cluster's objects, as the API server has them. */

export type Labels = Readonly<Record<string, string>>;

interface Metadata {
  name: string;
  namespace?: string;
  uid: string;
  labels?: Labels;
}

export interface NamespaceObject {
  metadata: Metadata;
}

export interface PodObject {
  metadata: Metadata;
  spec: {
    nodeName?: string;
    hostNetwork?: boolean;
    containers: ContainerObject[];
    initContainers?: ContainerObject[];
  };
  status?: { phase?: string; podIP?: string };
}

interface ContainerObject {
  ports?: { name?: string; containerPort: number; protocol?: string }[];
}

/** A policy; its parts are read with suspicion, so they are named here and not believed. */
export interface NetworkPolicyObject {
  metadata: { name: string; namespace?: string };
  spec: object;
}
