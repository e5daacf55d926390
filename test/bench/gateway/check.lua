-- Sends the credentials, and counts every answer that is not 200 with the expected body.
wrk.headers["Cookie"] = os.getenv("BENCH_COOKIE")
wrk.headers["Authorization"] = os.getenv("BENCH_AUTHORIZATION")

local expected = os.getenv("BENCH_BODY")
local threads = {}
wrong = 0

function setup(thread)
  table.insert(threads, thread)
end

function response(status, headers, body)
  if status ~= 200 or body ~= expected then
    wrong = wrong + 1
  end
end

function done(summary, latency, requests)
  local wrongs = 0
  for _, thread in ipairs(threads) do
    wrongs = wrongs + thread:get("wrong")
  end
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"duration_us":%d,"bytes":%d,"failed":%d,"wrong":%d,"p50_us":%d,"p99_us":%d}\n',
    summary.requests, summary.duration, summary.bytes,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout, wrongs,
    latency:percentile(50), latency:percentile(99)
  ))
end
