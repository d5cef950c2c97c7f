import { describe, expect, test } from "vitest";
import { awayAtOnce } from "../../../../components/operators/releases.ts";
import type { KubeObject } from "../../../../embedded/cloudnative-pg/manifest.ts";
import { onNodes, version } from "../../../../live/platform/barman-cloud/release.ts";

const images = { plugin: "localhost/plugin:1", sidecar: "localhost/sidecar:1" };
const service: KubeObject = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "barman-cloud" },
  spec: { ports: [{ port: 9090 }] },
};
const deployment: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "barman-cloud" },
  spec: {
    replicas: 1,
    template: {
      metadata: { labels: { app: "barman-cloud" } },
      spec: {
        containers: [{ name: "barman-cloud", image: "ghcr.io/theirs:main", args: ["operator"] }],
        volumes: [],
      },
    },
  },
};
const secret: KubeObject = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "plugin-barman-cloud-8tfddg42gf" },
  data: { SIDECAR_IMAGE: "Z2hjci5pby90aGVpcnM6bWFpbg==" },
};

describe("the Barman Cloud plugin's manifest on the nodes", () => {
  test("names the plugin's image, which is not pulled, has it leave lost nodes, and nothing else of its pod changes", () => {
    const { spec } = onNodes([deployment, secret], images)[0] as KubeObject;
    expect(spec).toEqual({
      replicas: 1,
      template: {
        metadata: { labels: { app: "barman-cloud" } },
        spec: {
          containers: [
            {
              name: "barman-cloud",
              image: images.plugin,
              args: ["operator"],
              imagePullPolicy: "IfNotPresent",
            },
          ],
          volumes: [],
          tolerations: awayAtOnce,
        },
      },
    });
  });

  test("names the sidecar's image in the Secret that the plugin reads it from", () => {
    const { data } = onNodes([deployment, secret], images)[1] as KubeObject;
    expect(Buffer.from(data.SIDECAR_IMAGE, "base64").toString()).toBe(images.sidecar);
  });

  test("is otherwise as it was released", () => {
    expect(onNodes([service, deployment, secret], images)[0]).toEqual(service);
  });

  test.each([
    ["sidecar", [deployment]],
    ["plugin", [secret]],
  ])("is refused when it does not say where the %s's image goes", (which, release) => {
    expect(() => onNodes(release, images)).toThrow(`no image of: ${which}`);
  });
});

describe("the version of the Barman Cloud plugin", () => {
  test("is the one that go.mod pins", () => {
    expect(version("\tgithub.com/cloudnative-pg/plugin-barman-cloud v1.2.3 // indirect\n")).toBe("1.2.3");
  });

  test("is not taken from another module", () => {
    expect(() => version("\tgithub.com/cloudnative-pg/barman-cloud v1.2.3\n")).toThrow("names no version");
  });
});
