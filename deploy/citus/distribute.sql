-- Spreads the tables over the workers of a Citus cluster by sitting. As the owner of the tables, on the coordinator, after
-- `kaochang migrate` into an empty database and before the first sitting: psql --single-transaction --file distribute.sql
--
-- Never run by us: Citus is not part of the tests, which only hold every name here against the schema. Rehearse it on the
-- cluster first. docs/scale.md tells what it changes.

CREATE EXTENSION IF NOT EXISTS citus;

-- What every sitting reads is on every worker.
SELECT create_reference_table('standard_edition');
SELECT create_reference_table('staff');
SELECT create_reference_table('candidate');
SELECT create_reference_table('item');
SELECT create_reference_table('item_version');
SELECT create_reference_table('paper');
SELECT create_reference_table('paper_item_version');
SELECT create_reference_table('evidence');

-- Unique over all workers cannot be had. The number comes from one sequence all the same.
ALTER TABLE sitting DROP CONSTRAINT uq_sitting_number;

-- What belongs to a sitting lies together on one worker. The order follows the foreign keys.
SELECT create_distributed_table('sitting', 'id');
SELECT create_distributed_table('room', 'sitting_id', colocate_with => 'sitting');
SELECT create_distributed_table('sitting_paper', 'sitting_id', colocate_with => 'sitting');
SELECT create_distributed_table('entry', 'sitting_id', colocate_with => 'sitting');
SELECT create_distributed_table('room_proctor', 'sitting_id', colocate_with => 'sitting');
SELECT create_distributed_table('room_seal', 'sitting_id', colocate_with => 'sitting');
SELECT create_distributed_table('sealed_record', 'sitting_id', colocate_with => 'sitting');
SELECT create_distributed_table('attempt', 'sitting_id', colocate_with => 'sitting');
SELECT create_distributed_table('attempt_paper', 'sitting_id', colocate_with => 'sitting');
SELECT create_distributed_table('presence', 'sitting_id', colocate_with => 'sitting');
SELECT create_distributed_table('response', 'sitting_id', colocate_with => 'sitting');
SELECT create_distributed_table('response_history', 'sitting_id', colocate_with => 'sitting');
SELECT create_distributed_table('client_event', 'sitting_id', colocate_with => 'sitting');
SELECT create_distributed_table('time_grant', 'sitting_id', colocate_with => 'sitting');
SELECT create_distributed_table('interruption', 'sitting_id', colocate_with => 'sitting');
SELECT create_distributed_table('message', 'sitting_id', colocate_with => 'sitting');
SELECT create_distributed_table('incident', 'sitting_id', colocate_with => 'sitting');
SELECT create_distributed_table('incident_note', 'sitting_id', colocate_with => 'sitting');
SELECT create_distributed_table('incident_evidence', 'sitting_id', colocate_with => 'sitting');
SELECT create_distributed_table('receipt', 'sitting_id', colocate_with => 'sitting');
SELECT create_distributed_table('grading_run', 'sitting_id', colocate_with => 'sitting');
SELECT create_distributed_table('result', 'sitting_id', colocate_with => 'sitting');

-- The chain of a sitting is its identifier.
SELECT create_distributed_table('audit_event', 'chain', colocate_with => 'sitting');
SELECT create_distributed_table('audit_head', 'chain', colocate_with => 'sitting');
SELECT create_distributed_table('audit_checkpoint', 'chain', colocate_with => 'sitting');

-- Stay on the coordinator: audit_batch (its trigger), idempotent_answer, login_failure, refresh_token.
