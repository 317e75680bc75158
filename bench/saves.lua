-- Saves by wrk: every request is one new answer of the next candidate, with a sequence that grows for each.
-- BENCH_PLAN names a Lua file: {ports = {...}, tokens = {...}, answers = {{"A", "B"}, ...}, first = sequence, threads = n}

local plan = dofile(os.getenv("BENCH_PLAN"))
local threads = {}

local HEAD = "PUT /api/v1/exam/responses HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Bearer "
local BODY = '{"responses":[{"number":%d,"answer":"%s","sequence":%d,"client_time":"2027-03-06T01:00:00Z"}]}'
local SAVED = '"outcome":"saved"'

function setup(thread)
    local port = plan.ports[#threads % #plan.ports + 1]
    thread.addr = wrk.lookup("127.0.0.1", port)[1]
    thread:set("index", #threads)
    table.insert(threads, thread)
end

function init(args)
    heads = {}
    for place, token in ipairs(plan.tokens) do
        if place % plan.threads == index then
            table.insert(heads, HEAD .. token .. "\r\nContent-Length: ")
        end
    end
    turn, sequence = 0, plan.first
    sent, saved, refused, status = 0, 0, 0, 0
end

function request()
    turn = turn + 1
    if turn > #heads then
        turn, sequence = 1, sequence + 1
    end
    local round = math.floor(sequence / #plan.answers)
    local number = sequence % #plan.answers + 1
    local body = string.format(BODY, number, plan.answers[number][round % 2 + 1], sequence)
    sent = sent + 1
    return heads[turn] .. #body .. "\r\n\r\n" .. body
end

function response(code, headers, body)
    if code == 200 and string.find(body, SAVED, 1, true) then
        saved = saved + 1
    else
        refused, status = refused + 1, code
    end
end

function done(summary, latency, requests)
    local sum = {sent = 0, saved = 0, refused = 0}
    local last, status = plan.first, 0
    for _, thread in ipairs(threads) do
        for name in pairs(sum) do
            sum[name] = sum[name] + thread:get(name)
        end
        last = math.max(last, thread:get("sequence"))
        status = math.max(status, thread:get("status"))
    end
    local lost = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
    io.write(string.format(
        '\n{"calls":%d,"sent":%d,"saved":%d,"refused":%d,"status":%d,"lost":%d,"last":%d,"seconds":%.6f,' ..
        '"p50":%.3f,"p95":%.3f,"p99":%.3f,"longest":%.3f}\n',
        summary.requests, sum.sent, sum.saved, sum.refused, status, lost, last, summary.duration / 1e6,
        latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
