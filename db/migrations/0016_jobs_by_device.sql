-- Jobs of a device, the latest first: a list of them read every job that there ever was.
CREATE INDEX job_by_device ON job (device, seq) WHERE device IS NOT NULL;
