import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { awayAtOnce } from "../../../components/operators/releases.ts";
import type { KubeObject } from "../../../embedded/cloudnative-pg/manifest.ts";
import { goProcessEnvironment, runGo } from "../../../embedded/toolchain/go.ts";

const module = "github.com/cloudnative-pg/plugin-barman-cloud";

/** The version of the plugin that go.mod pins, like "0.14.0". */
export function version(goMod = readFileSync(join(import.meta.dirname, "go.mod"), "utf8")): string {
  const found = new RegExp(`^\\s*${module} v(\\d+\\.\\d+\\.\\d+)\\b`, "m").exec(goMod)?.[1];
  if (!found) throw new Error(`${import.meta.dirname}/go.mod names no version of ${module}`);
  return found;
}

/**
 * The plugin's own manifest, out of its module: its definition first, and what cert-manager makes of it last.
 * @throws ToolchainError when the module cannot be had
 */
export async function readRelease(): Promise<readonly KubeObject[]> {
  const said = await runGo(
    "Fetching the Barman Cloud plugin's manifest",
    ["mod", "download", "-json", module],
    {
      cwd: import.meta.dirname,
      env: { ...goProcessEnvironment(), GOFLAGS: "" },
    },
  );
  const { Dir } = JSON.parse(said) as { Dir: string };
  const documents = parseAllDocuments(await readFile(join(Dir, "manifest.yaml"), "utf8"));
  return documents
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null);
}

/** The two images, by name. */
export interface PluginImages {
  plugin: string;
  sidecar: string;
}

/**
 * The manifest with images that the nodes have, and with the tolerations that the stack gives the plugin's chart.
 * @throws Error when the manifest does not name its images where it used to
 */
export function onNodes(release: readonly KubeObject[], images: PluginImages): KubeObject[] {
  const changed = new Set<string>();
  const objects = release.map((object) => {
    if (object.kind === "Deployment") {
      changed.add("plugin");
      return pluginOnNodes(object, images.plugin);
    }
    if (object.kind === "Secret" && object.data?.SIDECAR_IMAGE) {
      changed.add("sidecar");
      const SIDECAR_IMAGE = Buffer.from(images.sidecar).toString("base64");
      return { ...object, data: { ...object.data, SIDECAR_IMAGE } };
    }
    return object;
  });
  const lacking = Object.keys(images).filter((each) => !changed.has(each));
  if (lacking.length > 0) throw new Error(`the plugin's manifest names no image of: ${lacking.join(", ")}`);
  return objects;
}

function pluginOnNodes(deployment: KubeObject, image: string): KubeObject {
  const { spec } = deployment;
  const [container, ...more] = spec.template.spec.containers;
  const local = { ...container, image, imagePullPolicy: "IfNotPresent" };
  const pod = { ...spec.template.spec, containers: [local, ...more], tolerations: awayAtOnce };
  return { ...deployment, spec: { ...spec, template: { ...spec.template, spec: pod } } };
}
