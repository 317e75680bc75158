#!/usr/bin/env bash
# An exam day as proctors and chiefs work it: every call of the proctor's guide, in its order.
#
#     make run                 # in one window; or: kaochang demo
#     docs/walk-proctor.sh     # in another; the argument is the file of logins, data/demo.json when left out
#
# Needs curl and the project's virtual environment, and takes about two minutes: the sitting is a rehearsal that began
# an hour ago, so that late entry closes while it runs.
set -euo pipefail

. "$(dirname "$0")/walk-lib.sh"
cd "$work"

officer_token=$(staff officer) proctor_token=$(staff proctor) second_token=$(staff proctor2)
third_token=$(staff proctor3) chief_token=$(staff chief) auditor_token=$(staff auditor)
officer() { call "$officer_token" "$@"; }
proctor() { call "$proctor_token" "$@"; }
second() { call "$second_token" "$@"; }
third() { call "$third_token" "$@"; }
chief() { call "$chief_token" "$@"; }
auditor() { call "$auditor_token" "$@"; }

refusal="d['status'], d['code'], d['detail']"
changed="d['state'], 'deadline', d['deadline_at'], 'version', d['deadline_version']"
outcomes="'\n'.join('done' if one['done'] else 'refused: ' + one['refused'] for one in d['outcomes'])"

# attempt_at SEAT: the attempt of who sits there in the first room
attempt_at() { proctor GET "/proctor/rooms/$room" | pick "next(row['id'] for row in d['attempts'] if row['seat_number'] == $1)"; }

# row ATTEMPT EXPRESSION: what it makes of the attempt's `row` on the board
row() { proctor GET "/proctor/rooms/$room" | pick "[($2) for row in d['attempts'] if row['id'] == '$1'][0]"; }

# log_in SEAT DEVICE [IDENTITY_NUMBER]: the answer to the login of who sits there
log_in() {
    local ticket number
    ticket=$(pick "d['items'][$1 - 1]['ticket_number']" < entries)
    number=${3:-$(pick "d['candidates'][$1 - 1]['id_number']" < "$logins")}
    call '' POST /exam/login "{\"ticket_number\": \"$ticket\", \"id_number\": \"$number\", \"device_id\": \"$2\"}"
}

# answer TOKEN NUMBER SEQUENCE: saves T for that item
answer() {
    local paper letter
    paper=$(call "$1" GET /exam/paper)
    letter=$(pick "{'single': 'B', 'multiple': 'AB', 'true_false': 'T'}[d['items'][$2 - 1]['type']]" <<< "$paper")
    call "$1" PUT /exam/responses "{\"responses\": [{\"number\": $2, \"answer\": \"$letter\", \"sequence\": $3, \"client_time\": \"$(date -u +%FT%TZ)\"}]}" |
        pick "d['responses'][0]['outcome']"
}

# events: a stream on standard input, a line an event
events() {
    "$bin/python" -c '
import json, sys
for block in sys.stdin.read().split("\n\n"):
    event = dict(line.split(": ", 1) for line in block.splitlines() if line[:1].isalpha())
    if "event" in event:
        data = json.loads(event["data"])
        rows = [(row["seat_number"], row["state"], row["answered"]) for row in data.get("attempts", ())]
        print(event["event"], event.get("id", "-").rpartition("-")[2], rows or data.get("totals", data.get("code")))
'
}

officer POST /papers/assemble '{"standard_code": "3-01-01-01", "level": 5, "forms": 2, "seed": 7}' > papers
starts_at=$("$bin/python" -c 'from datetime import UTC, datetime, timedelta as t; print((datetime.now(UTC) - t(seconds=3510)).isoformat())')
sitting=$(officer POST /sittings "{\"standard_code\": \"3-01-01-01\", \"level\": 5, \"name\": \"监考演练\", \"rehearsal\": true,
    \"starts_at\": \"$starts_at\", \"duration_minutes\": 120, \"late_entry_minutes\": 60,
    \"earliest_submission_minutes\": 0, \"paper_ids\": $(pick "json.dumps([paper['id'] for paper in d['papers']])" < papers)}" | pick "d['id']")
room=$(officer POST "/sittings/$sitting/rooms" '{"name": "第一考场", "seats": 12, "proctors": ["proctor", "proctor2"]}' | pick "d['id']")
other_room=$(officer POST "/sittings/$sitting/rooms" '{"name": "第二考场", "seats": 12, "proctors": ["proctor3", "proctor4"]}' | pick "d['id']")
pick "json.dumps({'entries': [{'name': one['name'], 'id_number': one['id_number'], 'room': '第一考场' if seat < 7 else '第二考场',
    'seat_number': seat if seat < 7 else seat - 6} for seat, one in enumerate(d['candidates'][:7], start=1)]})" < "$logins" > roster
officer POST "/sittings/$sitting/entries" @roster > entries
officer POST "/sittings/$sitting/ready" > /dev/null
officer POST "/sittings/$sitting/go-live" > /dev/null

say 'Before the exam'
proctor GET /proctor/rooms | pick "'\n'.join(one['sitting_name'] + ' ' + one['name'] + ' ' + one['state'] for one in d['items'])"
proctor GET "/proctor/rooms/$room" | pick "d['name'], 'proctors', d['proctors'], 'needed', d['proctors_needed']"
proctor GET "/proctor/rooms/$other_room" | pick "$refusal"
proctor GET "/proctor/rooms/$room/sign-in-sheet.pdf" > sign-in-sheet.pdf
proctor GET "/proctor/rooms/$room/seat-map.pdf" > seat-map.pdf
officer GET "/sittings/$sitting/tickets.pdf?room_id=$room" > tickets.pdf
head -qc 8 ./*.pdf | tr '\n' ' '; echo
officer PUT "/sittings/$sitting/rooms/$room/proctors" '{"proctors": ["proctor"]}' | pick "d['proctors']"
proctor POST "/proctor/rooms/$room/check-in" | pick "d['status'], d['code'], d['clause'], d['errors'][0]['detail']"
officer PUT "/sittings/$sitting/rooms/$room/proctors" '{"proctors": ["proctor", "proctor2"]}' | pick "d['proctors']"

say 'Check-in'
proctor POST "/proctor/rooms/$room/check-in" | pick "d['state']"
log_in 1 pc-1 | pick "$refusal"
attempt=$(attempt_at 1)
proctor POST "/proctor/attempts/$attempt/check-in" '{"identity": "identity_card"}' | pick "d['state']"
attempt=$(attempt_at 2) other=$(attempt_at 3)
proctor POST "/proctor/rooms/$room/commands" '{"command": "check_in", "identity": "identity_card", "attempts": ["'$attempt'", "'$other'"]}' | pick "$outcomes"

say 'Opening'
proctor POST "/proctor/rooms/$room/start" '{"keep_end": true}' | pick "d['state']"
for seat in 1 2 3; do
    declare "token_$seat=$(log_in "$seat" "pc-$seat" | pick "d['access_token']")"
    name=token_$seat
    call "${!name}" POST /exam/start | pick "d['state'], d['seconds_left'], 'seconds left'"
done
third POST "/proctor/rooms/$other_room/check-in" | pick "d['state']"
third POST "/proctor/rooms/$other_room/start" | pick "d['state']"
auditor GET "/audit?sitting_id=$sitting&action=room.start" | pick "'\n'.join(str(one['details']) for one in d['items'])"

say 'Late candidates and absences'
attempt=$(attempt_at 4)
proctor POST "/proctor/attempts/$attempt/check-in" '{"identity": "passport"}' | pick "d['state']"
for _ in 1 2 3 4 5 6; do log_in 4 pc-4 110101199003070011 | pick "d['status'], d['code']"; done
proctor POST "/proctor/attempts/$attempt/unlock-login"
token_4=$(log_in 4 pc-4 | pick "d['access_token']")
call "$token_4" POST /exam/start | pick "d['state'], d['seconds_left'], 'seconds left'"
attempt=$(attempt_at 5)
until row "$attempt" "row['state']" | grep -q absent; do sleep 1; done
proctor POST "/proctor/attempts/$attempt/check-in" | pick "$refusal"
proctor POST "/proctor/attempts/$attempt/reverse-absence" '{"reason": "staff.check_in_delay"}' | pick "$refusal"
chief POST "/proctor/attempts/$attempt/reverse-absence" '{"reason": "staff.check_in_delay", "note": "安检排队"}' | pick "d['state']"
proctor POST "/proctor/attempts/$attempt/check-in" '{"identity": "identity_card"}' | pick "d['state']"
token_5=$(log_in 5 pc-5 | pick "d['access_token']")
call "$token_5" POST /exam/start | pick "d['state'], d['seconds_left'], 'seconds left'"
proctor POST "/proctor/attempts/$attempt/grants" '{"reason": "staff.check_in_delay", "extra_seconds": 600}' | pick "$changed"
row "$(attempt_at 6)" "row['state']"

say 'Watching the board'
attempt=$(attempt_at 1)
proctor GET "/proctor/rooms/$room" | pick "d['totals'], d['connections'], 'hands', d['hands'], 'unread', d['messages_unread']"
row "$attempt" "json.dumps({name: row[name] for name in row if name not in ('id', 'allowed_actions')}, ensure_ascii=False)"
seconds=4 proctor GET "/proctor/rooms/$room/stream" > stream 2> /dev/null & reading=$!
sleep 1.5
answer "$token_1" 1 1
wait $reading || true
events < stream
mark=$(sed -n 's/^id: //p' stream | head -1)
{ last=$mark seconds=2 proctor GET "/proctor/rooms/$room/stream" 2> /dev/null || true; } | events
chief GET "/proctor/sittings/$sitting" | pick "'\n'.join(one['name'] + ' ' + one['state'] + ' ' + str(one['totals']) for one in d['rooms'])"
{ seconds=2 chief GET "/proctor/sittings/$sitting/stream" 2> /dev/null || true; } | events
proctor GET "/proctor/sittings/$sitting" | pick "$refusal"

say 'Messages and raised hands'
proctor POST "/proctor/rooms/$room/messages" '{"body": "距考试结束还有 60 分钟。"}' | tee sent | pick "len(d['messages']), 'messages'"
proctor POST "/proctor/attempts/$attempt/messages" '{"body": "请把手机交到讲台。"}' > wrong
message=$(pick "d['messages'][0]['id']" < wrong)
proctor POST "/proctor/messages/$message/withdraw" | pick "d['messages'][0]['state']"
until call "$token_1" POST /exam/events '{}' | tee beat | pick "len(d['messages'])" | grep -qv 0; do sleep 1; done
pick "'\n'.join(one['kind'] + ' ' + (one['body'] or one['code']) for one in d['messages'])" < beat
call "$token_1" POST /exam/messages/confirm "$(pick "json.dumps({'ids': [one['id'] for one in d['messages']]})" < beat)" | pick "d['messages'][0]['state']"
proctor GET "/proctor/rooms/$room/messages?open=true" | pick "len(d['items']), 'not confirmed'"
call "$token_1" POST /exam/hand '{"reason": "technical", "note": "鼠标失灵"}' | pick "d['state']"
hand=$(row "$attempt" "row['hand']['id']")
proctor POST "/proctor/hands/$hand/confirm" | pick "d['reason'], d['note'], d['state']"

say 'Incidents and alarms'
attempt=$(attempt_at 2)
for _ in 1 2 3 4 5; do
    call "$token_2" POST /exam/events "{\"events\": [{\"kind\": \"focus_lost\", \"client_time\": \"$(date -u +%FT%TZ)\"}]}" > /dev/null
done
log_in 2 pc-9 | pick "$refusal"
proctor GET "/proctor/rooms/$room/incidents?open=true" | tee incidents | pick "'\n'.join(f\"{one['severity']} {one['kind']} x{one['count']} ({one['source']})\" for one in d['items'])"
row "$attempt" "row['incidents']"
incident=$(pick "next(one['id'] for one in d['items'] if one['kind'] == 'second_login')" < incidents)
proctor POST "/proctor/incidents/$incident/acknowledge" | pick "d['acknowledged_by']"
proctor POST "/proctor/attempts/$attempt/incidents" '{"kind": "misconduct", "note": "桌下有手机。"}' | tee incident | pick "d['severity'], d['kind'], d['notes'][0]['text']"
incident=$(pick "d['id']" < incident)
"$bin/python" -c 'from PIL import Image; Image.new("RGB", (640, 480), "white").save("photo.png")'
proctor POST "/proctor/incidents/$incident/evidence" @photo.png | tee incident | pick "d['evidence'][0]['media_type'], d['evidence'][0]['size'], 'bytes'"
digest=$(pick "d['evidence'][0]['digest']" < incident)
proctor GET "/proctor/incidents/$incident/evidence/$digest" | cmp - photo.png && echo 'the same picture'
proctor POST "/proctor/incidents/$incident/notes" '{"text": "已收缴手机，考生签字确认。"}' | pick "len(d['notes']), 'notes'"
proctor POST "/proctor/rooms/$room/incidents" '{"kind": "disturbance", "note": "窗外施工。"}' | pick "d['severity'], d['kind']"
proctor GET /proctor/incident-kinds | pick "[one['rule'] for one in d['items'] if one['kind'] == 'focus_lost'][0]"
chief PUT "/sittings/$sitting/alarm-rules" '{"alarm_rules": [{"kind": "focus_lost", "severity": "warning", "merge_seconds": 300, "alarm_after": {"count": 20, "within_seconds": 600}}]}' | pick "d['alarm_rules'][0]['alarm_after']"
chief GET "/sittings/$sitting/incidents?severity=alarm" | pick "len(d['items']), 'alarms'"

say 'Commands: one, several, the room'
proctor GET /proctor/reasons | pick "'version', d['version'], ',', len(d['reasons']), 'reasons'"
attempt=$(attempt_at 1) other=$(attempt_at 6)
row "$attempt" "'\n'.join(f\"{one['action']}: {one['refused'] or 'possible'}\" for one in row['allowed_actions'])"
key="noise-$attempt" proctor POST "/proctor/attempts/$attempt/grants" '{"reason": "environment.noise", "extra_seconds": 120}' | pick "$changed"
key="noise-$attempt" proctor POST "/proctor/attempts/$attempt/grants" '{"reason": "environment.noise", "extra_seconds": 120}' | pick "$changed"
proctor POST "/proctor/rooms/$room/commands" '{"command": "grant", "attempts": ["'$attempt'", "'$other'"], "reason": "environment.noise", "extra_seconds": 60}' | pick "$outcomes"
proctor POST "/proctor/rooms/$room/grants" '{"reason": "environment.noise", "extra_seconds": 180, "note": "窗外施工"}' | pick "$outcomes"
proctor POST "/proctor/attempts/$attempt/submit" '{"reason": "candidate.misconduct"}' | pick "d['status'], d['code'], d['fits']"

say 'Interruptions and the clock'
attempt=$(attempt_at 3)
proctor POST "/proctor/attempts/$attempt/interrupt" '{"reason": "candidate.restroom"}' | pick "$changed"
call "$token_3" GET /exam/paper | pick "$refusal"
proctor POST "/proctor/attempts/$attempt/resume" | pick "$changed"
chief POST "/proctor/attempts/$attempt/correct-interruption" '{"stops_clock": true, "reason": "staff.error", "note": "洗手间被占用"}' | pick "$changed"
proctor POST "/proctor/attempts/$attempt/interrupt" '{"reason": "technical.display"}' | pick "$changed"
proctor POST "/proctor/attempts/$attempt/resume" | pick "$changed"

say 'Another device'
attempt=$(attempt_at 1)
proctor POST "/proctor/attempts/$attempt/interrupt" '{"reason": "technical.device"}' | pick "$changed"
log_in 1 pc-7 | pick "$refusal"
proctor POST "/proctor/attempts/$attempt/resume" '{"release_device": true}' | pick "$changed"
new_token=$(log_in 1 pc-7 | pick "d['access_token']")
call "$token_1" POST /exam/events '{}' | pick "$refusal"
call "$new_token" GET /exam/responses | pick "len(d['responses']), 'answers, last sequence', d['last_sequence']"
proctor POST "/proctor/attempts/$attempt/release" '{"reason": "candidate.wrong_seat"}' | pick "d['state']"
token_1=$(log_in 1 pc-1 | pick "d['access_token']")

say 'A power or network cut'
proctor POST "/proctor/rooms/$room/suspend" '{"reason": "environment.power", "note": "全楼停电"}' | pick "d['state']"
row "$attempt" "row['state'], 'clock stopped', row['clock_stopped']"
sleep 2
proctor POST "/proctor/rooms/$room/resume" | pick "d['state']"
row "$attempt" "row['state'], 'deadline version', row['deadline_version'], 'seen', row['deadline_seen']"
chief POST "/proctor/attempts/$attempt/correct-interruption" '{"stops_clock": false, "reason": "other"}' | pick "$refusal"
proctor POST "/proctor/rooms/$room/grants" '{"reason": "environment.power", "extra_seconds": 300, "note": "恢复供电后重启电脑"}' | pick "$outcomes"

say 'Termination by two people'
attempt=$(attempt_at 4)
chief POST "/proctor/attempts/$attempt/terminate" '{"reason": "candidate.forbidden_device"}' | pick "d['state']"
chief POST "/proctor/attempts/$attempt/terminate" '{"reason": "candidate.forbidden_device", "confirms": 1}' | pick "$refusal"
proctor POST "/proctor/attempts/$attempt/withdraw-termination" | pick "d['state']"
chief POST "/proctor/attempts/$attempt/terminate" '{"reason": "candidate.forbidden_device", "confirms": 1}' | pick "$refusal"
attempt=$(attempt_at 2)
proctor POST "/proctor/attempts/$attempt/terminate" '{"reason": "candidate.forbidden_device", "note": "见异常记录"}' | pick "d['state']"
row "$attempt" "'proposed', row['termination_proposal']"
second POST "/proctor/attempts/$attempt/terminate" '{"reason": "candidate.forbidden_device"}' | pick "$refusal"
second POST "/proctor/attempts/$attempt/terminate" '{"reason": "candidate.forbidden_device", "confirms": 1}' | pick "$refusal"
chief POST "/proctor/attempts/$attempt/terminate" '{"reason": "candidate.forbidden_device", "confirms": 1}' | pick "d['state']"

say 'Collecting papers, reopening'
attempt=$(attempt_at 4)
proctor POST "/proctor/attempts/$attempt/submit" '{"reason": "candidate.left"}' | pick "d['state']"
row "$attempt" "row['submitted_by']"
chief POST "/proctor/attempts/$attempt/reopen" '{"reason": "staff.wrong_command", "extra_seconds": 60}' | pick "$changed"
log_in 4 pc-4 | pick "d['state']"

say 'Closing'
proctor POST "/proctor/rooms/$room/close" | pick "$refusal"
proctor POST "/proctor/rooms/$room/commands" '{"command": "submit", "attempts": null, "reason": "candidate.request", "note": "演练结束"}' | pick "$outcomes"
proctor POST "/proctor/rooms/$room/close" | pick "d['state']"

say 'The room record and the seal'
proctor GET "/proctor/rooms/$room/record" > record.json
pick "d['record_digest'][:16], d['record']['totals']['states'], 'absent', len(d['record']['absent'])" < record.json
proctor GET "/proctor/rooms/$room/record.pdf" > record.pdf
record_digest=$(pick "d['record_digest']" < record.json)
proctor POST "/proctor/rooms/$room/seal" '{"record_digest": "'$record_digest'"}' | pick "d['state'], d['seals']"
proctor POST "/proctor/incidents/$incident/notes" '{"text": "手机已移交考务办公室。"}' | pick "len(d['notes']), 'notes'"
second POST "/proctor/rooms/$room/seal" '{"record_digest": "'$record_digest'"}' | pick "$refusal"
record_digest=$(proctor GET "/proctor/rooms/$room/record" | pick "d['record_digest']")
proctor POST "/proctor/rooms/$room/seal" '{"record_digest": "'$record_digest'"}' | pick "d['state'], d['seals']"
second POST "/proctor/rooms/$room/seal" '{"record_digest": "'$record_digest'"}' | pick "d['state'], d['seals']"
proctor POST "/proctor/incidents/$incident/notes" '{"text": "补记"}' | pick "$refusal"

say 'The audit log'
proctor GET "/proctor/rooms/$room/record" > record.json
pick "'\n'.join(f\"{one['confirmed_by']['username']} audit {one['audit_sequence']} {one['audit_hash'][:16]} valid {one['valid']}\" for one in d['seals'])" < record.json
auditor GET /audit/heads | pick "[(one['sequence'], one['hash'][:16]) for one in d['items'] if one['sitting_id'] == '$sitting']"
auditor GET "/audit?sitting_id=$sitting&subject_id=$room" | pick "'\n'.join(f\"{one['sequence']} {one['action']}\" for one in d['items'])"
KAOCHANG_DATA_DIR=$(dirname "$logins") "$bin/kaochang" audit verify --sitting "$sitting"
