CREATE TABLE cache (
  id bigserial PRIMARY KEY,
  name varchar(50) NOT NULL UNIQUE,
  keypair varchar NOT NULL,
  is_public boolean NOT NULL,
  store_dir varchar NOT NULL,
  priority integer NOT NULL,
  upstream_cache_key_names varchar NOT NULL,
  created_at timestamptz NOT NULL,
  deleted_at timestamptz,
  retention_period integer
);
CREATE INDEX "idx-cache-name" ON cache (name);

CREATE TABLE nar (
  id bigserial PRIMARY KEY,
  state char(1) NOT NULL,
  nar_hash varchar NOT NULL,
  nar_size bigint NOT NULL,
  compression varchar NOT NULL,
  holders_count integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  num_chunks integer NOT NULL DEFAULT 1
);
CREATE INDEX "idx-nar-nar-hash" ON nar (nar_hash);
CREATE INDEX "idx-nar-state-holders" ON nar (state, holders_count);

CREATE TABLE object (
  id bigserial PRIMARY KEY,
  cache_id bigint NOT NULL CONSTRAINT fk_object_cache REFERENCES cache (id) ON DELETE CASCADE,
  nar_id bigint NOT NULL CONSTRAINT fk_object_nar REFERENCES nar (id) ON DELETE CASCADE,
  store_path_hash varchar(32) NOT NULL,
  store_path varchar NOT NULL,
  "references" varchar NOT NULL,
  system varchar,
  deriver varchar,
  sigs varchar NOT NULL,
  ca varchar,
  created_at timestamptz NOT NULL,
  last_accessed_at timestamptz,
  created_by varchar
);
CREATE UNIQUE INDEX "idx-object-cache-hash" ON object (cache_id, store_path_hash);

CREATE TABLE chunk (
  id bigserial PRIMARY KEY,
  state char(1) NOT NULL,
  chunk_hash varchar NOT NULL,
  chunk_size bigint NOT NULL,
  file_hash varchar,
  file_size bigint,
  compression varchar NOT NULL,
  remote_file varchar NOT NULL,
  remote_file_id varchar NOT NULL UNIQUE,
  holders_count integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL
);
CREATE INDEX "idx-chunk-chunk-hash" ON chunk (chunk_hash);
CREATE INDEX "idx-chunk-state-holders" ON chunk (state, holders_count);

CREATE TABLE chunkref (
  id bigserial PRIMARY KEY,
  nar_id bigint NOT NULL CONSTRAINT fk_chunkref_nar REFERENCES nar (id) ON DELETE CASCADE,
  seq integer NOT NULL,
  chunk_id bigint CONSTRAINT fk_chunkref_chunk REFERENCES chunk (id) ON DELETE SET NULL
);
CREATE INDEX "idx-chunk-chunk-id" ON chunkref (chunk_id);
CREATE INDEX "idx-chunk-nar-id" ON chunkref (nar_id);
