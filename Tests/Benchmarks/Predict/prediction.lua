-- For wrk: the README's prediction, by any profile. The token comes from the environment, as anybody may read a command
-- line.
-- The last line of the output says in JSON what became of the calls.
wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer " .. os.getenv("TEMPORIS_TOKEN")
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{ "data_profile": "' .. os.getenv("TEMPORIS_PROFILE") .. '", "count": 5, "temperature": 1.0, "top_p": 0.9 }'

function done(summary, latency)
  local failures = 0
  for _, count in pairs(summary.errors) do failures = failures + count end
  io.write(string.format(
    '{"calls": %d, "failures": %d, "bytes": %d, "seconds": %.6f, "p50": %.3f, "p99": %.3f}\n',
    summary.requests, failures, summary.bytes, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
