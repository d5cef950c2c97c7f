import { identity, type Role } from "../../../components/attic/process.ts";
import { selector } from "../../../components/kubernetes/labels.ts";
import type { StackConfig } from "../../../config/resolve.ts";
import type { Cluster, Ref } from "../../cluster/index.ts";
import { until } from "../../cluster/until.ts";
import { CliError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import type { World } from "../../world.ts";
import { kinds, type Live, refs } from "../objects.ts";

/** What writes into the database, and how it is held and let go. */
export class Writers {
  readonly #world: Pick<World, "elapsed" | "sleep">;
  readonly #cluster: Cluster;
  readonly #config: StackConfig;

  constructor(world: Pick<World, "elapsed" | "sleep">, cluster: Cluster, config: StackConfig) {
    this.#world = world;
    this.#cluster = cluster;
    this.#config = config;
  }

  /** Whether none is running, and none will be started. */
  async stopped(): Promise<boolean> {
    const [api, collector, pods] = await Promise.all([
      this.#cluster.find<Live>(refs.api),
      this.collectorStopped(),
      this.#pods(),
    ]);
    return (api?.spec?.replicas ?? 0) === 0 && collector && pods.length === 0;
  }

  /** Whether the garbage collector will not be started. */
  async collectorStopped(): Promise<boolean> {
    const collector = await this.#cluster.find<Live>(this.#collector());
    if (!collector) return true;
    return collector.kind === "CronJob" ? collector.spec?.suspend === true : collector.spec?.replicas === 0;
  }

  /**
   * Stops the API and the garbage collector, and waits until the last upload in flight has ended or is given up.
   * @throws CliError when pods are still there after that
   */
  async stop(): Promise<void> {
    await this.#scale(refs.api, 0);
    await this.stopCollector();
    const { terminationGracePeriodSeconds } = this.#config.api;
    const { seen, done } = await until(
      this.#world,
      () => this.#pods(),
      (pods) => pods.length === 0,
      { timeout: (terminationGracePeriodSeconds + 300) * 1000 },
    );
    if (done) return;
    throw new CliError(
      EXIT.failed,
      `these pods do not end: ${seen.map(({ metadata }) => metadata.name).join(", ")}`,
      `see: kubectl -n ${this.#cluster.namespace} describe pod ${seen[0]?.metadata.name}`,
    );
  }

  /** Stops the garbage collector, and the run that it is in: a run that ends early goes on with the next one. */
  async stopCollector(): Promise<void> {
    if (this.#config.garbageCollection.runAs === "deployment") {
      await this.#scale(refs.collector, 0);
      return;
    }
    if (await this.#cluster.find(refs.collectorCronJob)) {
      await this.#cluster.patch(refs.collectorCronJob, { spec: { suspend: true } });
    }
    const jobs = await this.#cluster.list<Live>(kinds.job, { labels: labelsOf("gc", this.#config) });
    for (const { metadata, status } of jobs) {
      if (status?.active) await this.#cluster.delete({ ...kinds.job, name: metadata.name });
    }
  }

  /** Whether there is a garbage collector to start: a cluster that was made anew has none at first. */
  async hasCollector(): Promise<boolean> {
    return (await this.#cluster.find(this.#collector())) !== undefined;
  }

  /** Starts the garbage collector, which is there. */
  async startCollector(): Promise<void> {
    if (this.#config.garbageCollection.runAs === "deployment") await this.#scale(refs.collector, 1);
    else await this.#cluster.patch(refs.collectorCronJob, { spec: { suspend: false } });
  }

  /** Whether the API serves. */
  async apiServes(): Promise<boolean> {
    const api = await this.#cluster.find<Live>(refs.api);
    return (api?.spec?.replicas ?? 0) > 0 && (api?.status?.availableReplicas ?? 0) > 0;
  }

  /**
   * Starts the API at its least number of pods; the autoscaler takes over from there.
   * @throws CliError when none is available in ten minutes
   */
  async startApi(): Promise<void> {
    await this.#scale(refs.api, this.#config.api.scaling.minReplicas);
    const { done } = await until(
      this.#world,
      () => this.apiServes(),
      (serves) => serves,
      { timeout: 600_000 },
    );
    if (done) return;
    throw new CliError(
      EXIT.failed,
      "no pod of the API is available after ten minutes",
      `see: kubectl -n ${this.#cluster.namespace} describe pods -l ${labelsOf("api", this.#config)}`,
    );
  }

  #collector(): Ref {
    return this.#config.garbageCollection.runAs === "deployment" ? refs.collector : refs.collectorCronJob;
  }

  async #scale(ref: Ref, replicas: number): Promise<void> {
    if (!(await this.#cluster.find(ref))) return;
    await this.#cluster.patch(ref, { spec: { replicas } });
  }

  async #pods(): Promise<Live[]> {
    const lists = await Promise.all(
      (["api", "gc"] as const).map((role) =>
        this.#cluster.list<Live>(kinds.pod, { labels: labelsOf(role, this.#config) }),
      ),
    );
    return lists.flat().filter(({ status }) => !/^(Succeeded|Failed)$/.test(status?.phase ?? ""));
  }
}

/** A label selector of the pods and Jobs of one of Attic's workloads. */
export const labelsOf = (role: Role, { image }: StackConfig) =>
  Object.entries(selector(identity(role, image)))
    .map((label) => label.join("="))
    .join(",");
