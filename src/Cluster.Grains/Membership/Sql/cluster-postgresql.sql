-- What silos keep in PostgreSQL: who is in the cluster, and the state of grains.
-- Orleans' AdoNet providers for clustering and persistence (invariant Npgsql) load their statements from OrleansQuery by key, and bind parameters and read
-- columns by name; those names are theirs, the tables are this project's. Applied by DatabaseSchema. To apply it again changes nothing.

CREATE TABLE IF NOT EXISTS OrleansQuery (
  QueryKey text PRIMARY KEY,
  QueryText text NOT NULL
);

-- One row per cluster. Whoever changes the membership must know the version, and raises it.
CREATE TABLE IF NOT EXISTS cluster_membership_version (
  cluster_id text PRIMARY KEY,
  version integer NOT NULL DEFAULT 0
);

-- One row per life of a silo: a restart at the same address has another generation.
CREATE TABLE IF NOT EXISTS cluster_silos (
  cluster_id text NOT NULL REFERENCES cluster_membership_version ON DELETE CASCADE,
  address text NOT NULL,
  port integer NOT NULL,
  generation integer NOT NULL,
  silo_name text NOT NULL,
  host_name text NOT NULL,
  gateway_port integer NOT NULL,  -- 0: no gateway
  status integer NOT NULL,
  suspicions text,
  started_at timestamptz NOT NULL,
  alive_at timestamptz NOT NULL,
  PRIMARY KEY (cluster_id, address, port, generation)
);

-- A cleared state stays as a row without payload, so that versions never start over under a grain that is still active.
CREATE TABLE IF NOT EXISTS cluster_grain_state (
  service_id text NOT NULL,
  state_name text NOT NULL,
  key_a bigint NOT NULL,
  key_b bigint NOT NULL,
  key_text text NOT NULL,  -- empty: the key is the two numbers alone
  version integer NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now(),
  payload bytea,
  PRIMARY KEY (service_id, state_name, key_a, key_b, key_text)
);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES

-- True for the silo that was first in this cluster.
('InsertMembershipVersionKey', $query$
WITH created AS (
  INSERT INTO cluster_membership_version (cluster_id) VALUES (@DeploymentId)
  ON CONFLICT DO NOTHING
  RETURNING cluster_id)
SELECT EXISTS (SELECT FROM created)
$query$),

-- A second writer with the same version waits for the row's lock, finds the version raised, and changes nothing.
('InsertMembershipKey', $query$
WITH raised AS (
  UPDATE cluster_membership_version AS known SET version = known.version + 1
  WHERE known.cluster_id = @DeploymentId AND known.version = @Version
    AND NOT EXISTS (
      SELECT FROM cluster_silos AS silo
      WHERE silo.cluster_id = @DeploymentId AND silo.address = @Address AND silo.port = @Port AND silo.generation = @Generation)
  RETURNING known.cluster_id),
joined AS (
  INSERT INTO cluster_silos (
    cluster_id, address, port, generation, silo_name, host_name, gateway_port, status, started_at, alive_at)
  SELECT raised.cluster_id, @Address, @Port, @Generation, @SiloName, @HostName, @ProxyPort, @Status, @StartTime, @IAmAliveTime FROM raised
  RETURNING cluster_id)
SELECT EXISTS (SELECT FROM joined)
$query$),

('UpdateMembershipKey', $query$
WITH raised AS (
  UPDATE cluster_membership_version AS known SET version = known.version + 1
  WHERE known.cluster_id = @DeploymentId AND known.version = @Version
    AND EXISTS (
      SELECT FROM cluster_silos AS silo
      WHERE silo.cluster_id = @DeploymentId AND silo.address = @Address AND silo.port = @Port AND silo.generation = @Generation)
  RETURNING known.cluster_id),
changed AS (
  UPDATE cluster_silos AS silo SET status = @Status, suspicions = @SuspectTimes, alive_at = @IAmAliveTime
  FROM raised
  WHERE silo.cluster_id = raised.cluster_id AND silo.address = @Address AND silo.port = @Port AND silo.generation = @Generation
  RETURNING silo.cluster_id)
SELECT EXISTS (SELECT FROM changed)
$query$),

-- A sign of life is no change of membership: the version stays.
('UpdateIAmAlivetimeKey', $query$
UPDATE cluster_silos SET alive_at = @IAmAliveTime
WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$query$),

-- Both reads give the version also where there is no silo: one row whose other columns are null.
('MembershipReadAllKey', $query$
SELECT known.version AS Version, silo.address AS Address, silo.port AS Port, silo.generation AS Generation, silo.silo_name AS SiloName,
  silo.host_name AS HostName, silo.gateway_port AS ProxyPort, silo.status AS Status, silo.suspicions AS SuspectTimes,
  silo.started_at AS StartTime, silo.alive_at AS IAmAliveTime
FROM cluster_membership_version AS known LEFT JOIN cluster_silos AS silo USING (cluster_id)
WHERE known.cluster_id = @DeploymentId
$query$),

('MembershipReadRowKey', $query$
SELECT known.version AS Version, silo.address AS Address, silo.port AS Port, silo.generation AS Generation, silo.silo_name AS SiloName,
  silo.host_name AS HostName, silo.gateway_port AS ProxyPort, silo.status AS Status, silo.suspicions AS SuspectTimes,
  silo.started_at AS StartTime, silo.alive_at AS IAmAliveTime
FROM cluster_membership_version AS known LEFT JOIN cluster_silos AS silo
  ON silo.cluster_id = known.cluster_id AND silo.address = @Address AND silo.port = @Port AND silo.generation = @Generation
WHERE known.cluster_id = @DeploymentId
$query$),

('GatewaysQueryKey', $query$
SELECT address AS Address, gateway_port AS ProxyPort, generation AS Generation FROM cluster_silos
WHERE cluster_id = @DeploymentId AND status = @Status AND gateway_port > 0
$query$),

-- 3 is SiloStatus.Active.
('CleanupDefunctSiloEntriesKey', $query$
DELETE FROM cluster_silos
WHERE cluster_id = @DeploymentId AND status <> 3 AND greatest(started_at, alive_at) < @IAmAliveTime
$query$),

('DeleteMembershipTableEntriesKey', $query$
DELETE FROM cluster_membership_version WHERE cluster_id = @DeploymentId
$query$),

('ReadFromStorageKey', $query$
SELECT payload AS PayloadBinary, version AS Version FROM cluster_grain_state
WHERE service_id = @ServiceId AND state_name = @GrainTypeString
  AND key_a = @GrainIdN0 AND key_b = @GrainIdN1 AND key_text = coalesce(@GrainIdExtensionString, '')
$query$),

-- Without a version the writer knows of no row and may only add one; with a version it may only change the row of that version. No result: a conflict.
('WriteToStorageKey', $query$
WITH added AS (
  INSERT INTO cluster_grain_state (service_id, state_name, key_a, key_b, key_text, version, payload)
  SELECT @ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''), 1, @PayloadBinary
  WHERE @GrainStateVersion IS NULL
  ON CONFLICT DO NOTHING
  RETURNING version),
changed AS (
  UPDATE cluster_grain_state SET version = version + 1, changed_at = now(), payload = @PayloadBinary
  WHERE service_id = @ServiceId AND state_name = @GrainTypeString
    AND key_a = @GrainIdN0 AND key_b = @GrainIdN1 AND key_text = coalesce(@GrainIdExtensionString, '')
    AND version = @GrainStateVersion
  RETURNING version)
SELECT version AS NewGrainStateVersion FROM added UNION ALL SELECT version FROM changed
$query$),

('ClearStorageKey', $query$
UPDATE cluster_grain_state SET version = version + 1, changed_at = now(), payload = NULL
WHERE service_id = @ServiceId AND state_name = @GrainTypeString
  AND key_a = @GrainIdN0 AND key_b = @GrainIdN1 AND key_text = coalesce(@GrainIdExtensionString, '')
  AND version = @GrainStateVersion
RETURNING version AS NewGrainStateVersion
$query$),

-- The provider takes a version other than its own for success, also where the row is gone.
('DeleteStorageKey', $query$
DELETE FROM cluster_grain_state
WHERE service_id = @ServiceId AND state_name = @GrainTypeString
  AND key_a = @GrainIdN0 AND key_b = @GrainIdN1 AND key_text = coalesce(@GrainIdExtensionString, '')
  AND version = @GrainStateVersion
RETURNING version + 1 AS NewGrainStateVersion
$query$)

ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText
WHERE OrleansQuery.QueryText <> excluded.QueryText;
