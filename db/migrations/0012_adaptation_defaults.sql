-- Runs that began before there was a rival driven by MACs go on without one: a request is stored complete.
UPDATE adaptation SET request = json_insert(request, '$.macsBaseline', json('false'));
