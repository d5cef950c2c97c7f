import { names, partOf } from "../attic/names.ts";
import { type Identity, imageVersion } from "../kubernetes/labels.ts";

/** The Cluster, and with it the ObjectStore, the ScheduledBackup and the PodMonitor that belong to it. */
export const name = names.database;

/** The plugin that archives, backs up and restores, as the operator knows it. */
export const plugin = "barman-cloud.cloudnative-pg.io";

/** Labels of the database's objects. */
export const identity = (image: string): Identity => ({
  name,
  component: "database",
  partOf,
  version: imageVersion(image),
});
