#!/usr/bin/env bash
# From papers to a published result over HTTP, as the README quotes it.
#
#     make run            # in one window; or: kaochang demo
#     docs/walk.sh        # in another; the argument is the file of logins, data/demo.json when left out
#
# Needs curl and the project's virtual environment. An exam lasts at least 60 minutes (1.9.4), so this sitting is a
# rehearsal that began 59 minutes ago and keeps its end: one candidate hands in, the clock hands in for the other.
set -euo pipefail

. "$(dirname "$0")/walk-lib.sh"

officer=$(staff officer) proctor=$(staff proctor) second=$(staff proctor2)

say 'Two papers for level 5: points per area equal the weights of clause 4.1'
call "$officer" POST /papers/assemble '{"standard_code": "3-01-01-01", "level": 5, "forms": 2, "seed": 7}' > "$work/papers"
pick "'\n'.join(f\"{row['area']}: weight {row['weight']:g}, points {row['points']:g}\" for row in d['papers'][0]['blueprint'])" < "$work/papers"
pick "'\n'.join(f\"form {paper['form']}: sha256 {paper['content_hash'][:16]}...\" for paper in d['papers'])" < "$work/papers"
papers=$(pick "json.dumps([paper['id'] for paper in d['papers']])" < "$work/papers")

say 'A sitting of 45 minutes is refused, and the clause is named'
starts_at=$("$bin/python" -c 'from datetime import UTC, datetime, timedelta as t; print((datetime.now(UTC) - t(minutes=59, seconds=15)).isoformat())')
sitting_of() {
    printf '{"standard_code": "3-01-01-01", "level": 5, "name": "演练 walk", "rehearsal": true, "starts_at": "%s",
        "duration_minutes": %d, "late_entry_minutes": 60, "earliest_submission_minutes": 0, "grace_seconds": 2,
        "paper_ids": %s}' "$starts_at" "$1" "$papers"
}
call "$officer" POST /sittings "$(sitting_of 45)" | pick "d['status'], d['code'], d['clause'], d['errors'][0]['detail']"
call "$officer" POST /sittings "$(sitting_of 60)" > "$work/sitting"
sitting=$(pick "d['id']" < "$work/sitting")
pick "'60 minutes:', d['state'], 'sitting', d['number']" < "$work/sitting"

say 'A room with one proctor, two candidates, seats'
room=$(call "$officer" POST "/sittings/$sitting/rooms" \
    '{"name": "第一考场", "seats": 12, "proctors": ["proctor"]}' | pick "d['id']")
roster=$(pick "json.dumps({'entries': [{'name': one['name'], 'id_number': one['id_number']} for one in d['candidates'][:2]]})" < "$logins")
call "$officer" POST "/sittings/$sitting/entries" "$roster" > "$work/entries"
pick "'\n'.join(f\"{one['name']} {one['id_number']} ticket {one['ticket_number']}\" for one in d['items'])" < "$work/entries"
call "$officer" POST "/sittings/$sitting/seating" '{"method": "automatic", "seed": 7}'; echo

say 'One proctor is too few (1.9.3); with two the sitting is frozen and goes live'
call "$officer" POST "/sittings/$sitting/ready" | pick "d['status'], d['code'], d['clause'], d['errors'][0]['detail']"
call "$officer" PUT "/sittings/$sitting/rooms/$room/proctors" '{"proctors": ["proctor", "proctor2"]}' | pick "d['proctors']"
call "$officer" POST "/sittings/$sitting/ready" | pick "d['state']"
call "$officer" POST "/sittings/$sitting/go-live" | pick "d['state']"

say 'The proctor opens check-in, checks both candidates in and starts the room'
call "$proctor" POST "/proctor/rooms/$room/check-in" | pick "d['state']"
for attempt in $(call "$proctor" GET "/proctor/rooms/$room" | pick "' '.join(row['id'] for row in d['attempts'])"); do
    call "$proctor" POST "/proctor/attempts/$attempt/check-in" | pick "d['state']"
done
call "$proctor" POST "/proctor/rooms/$room/start" '{"keep_end": true}' | pick "d['state']"

# log_in INDEX DEVICE: the answer to the login of the first (0) or second (1) candidate
log_in() {
    local ticket number
    ticket=$(pick "d['items'][$1]['ticket_number']" < "$work/entries")
    number=$(pick "d['candidates'][$1]['id_number']" < "$logins")
    call '' POST /exam/login "{\"ticket_number\": \"$ticket\", \"id_number\": \"$number\", \"device_id\": \"$2\"}"
}

say 'A candidate logs in; a second device is turned away'
token=$(log_in 0 pc-1 | pick "d['access_token']")
log_in 0 pc-2 | pick "d['status'], d['code'], d['detail']"

say 'Start, paper, answers'
call "$token" POST /exam/start | pick "d['state'], d['seconds_left'], 'seconds left'"
call "$token" GET /exam/paper > "$work/paper"
pick "json.dumps(d['items'][0], ensure_ascii=False)" < "$work/paper"
"$bin/python" - "$work" <<'PY'
import hashlib, json, pathlib, sys
from datetime import UTC, datetime

work = pathlib.Path(sys.argv[1])
answers = {
    item["number"]: {"single": "B", "multiple": "AB", "true_false": "T"}[item["type"]]
    for item in json.loads((work / "paper").read_text())["items"]
}
now = datetime.now(UTC).isoformat()
(work / "responses").write_text(json.dumps({"responses": [
    {"number": number, "answer": answer, "sequence": number, "client_time": now} for number, answer in answers.items()
]}))
lines = "".join(f"{number}:{answers[number]}\n" for number in sorted(answers) if answers[number])
digest = hashlib.sha256(lines.encode()).hexdigest()
(work / "submission").write_text(json.dumps({"last_sequence": len(answers), "digest": digest}))
PY
call "$token" PUT /exam/responses "@$work/responses" | pick "d['responses'][0], '...', len(d['responses']), 'outcomes'"

say 'Hand in, and check the receipt'
call "$token" POST /exam/submit "@$work/submission" | tee "$work/receipt" | pick "json.dumps(d, indent=2)"
KAOCHANG_DATA_DIR=$(dirname "$logins") "$bin/kaochang" audit receipt "$work/receipt"

say 'The other one writes nothing down; the clock hands in at the deadline'
other=$(log_in 1 pc-2 | pick "d['access_token']")
call "$other" POST /exam/start | pick "d['state'], d['seconds_left'], 'seconds left'"
call "$proctor" POST "/proctor/rooms/$room/close" | pick "d['status'], d['code'], d['detail']"
until call "$other" GET /exam/receipt > "$work/other"; pick "d.get('status', 200)" < "$work/other" | grep -q 200; do sleep 1; done
pick "d['payload']['submitted_by'], d['payload']['submitted_at'], 'answered', d['payload']['answered']" < "$work/other"

say 'Close the room, seal it by two proctors, close the sitting, publish'
call "$proctor" POST "/proctor/rooms/$room/close" | pick "d['state']"
call "$proctor" POST "/proctor/rooms/$room/seal" | pick "d['state']"
call "$second" POST "/proctor/rooms/$room/seal" | pick "d['state']"
call "$token" GET /exam/result | pick "d['status'], d['code']"
call "$officer" POST "/sittings/$sitting/close" | pick "d['state']"
until call "$officer" POST "/sittings/$sitting/publish" > "$work/published"; ! grep -q not_all_graded "$work/published"; do sleep 1; done
pick "d['state']" < "$work/published"

say 'The result as the candidate sees it'
call "$token" GET /exam/result | pick "json.dumps(d, ensure_ascii=False, indent=2)"
