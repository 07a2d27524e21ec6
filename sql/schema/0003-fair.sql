-- Promotion steps over what is due of lanes that have much of it: lane_id is read from the key alone.

ALTER TABLE schedules DROP KEY due, ADD KEY due (due_at, shard, lane_id);
