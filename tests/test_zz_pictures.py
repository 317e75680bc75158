from datetime import timedelta
from pathlib import Path
import typst, pytest
from tests.halls import *
from tests.proctors import *
from tests.rows import sql
from app.services.printing import typesetting
from app.services.printing.papers import Printer
from app.services.sweeper import sweep
OUT=Path("/tmp/rec/pics")
NAMES=["王䶮","㛃晓","李𬭎","阿卜杜热合曼·阿卜杜拉艾则孜·买买提","欧阳\ue123娜娜","Alexander-Wolfeschlegelsteinhausenberger Maximilian","赵*加粗* #let x = 1","𪚥","直骨令返过角化门户编"]
async def draw(sheet,name):
    c=typst.Compiler(font_paths=typesetting.fonts(),root=typesetting.ROOT)
    f=typesetting.ROOT/"printing"/f"{sheet.template}.typ"
    out,warn=c.compile_with_warnings(input=f,format="png",ppi=80,sys_inputs=typesetting.inputs(sheet.parts[0],sheet.zone))
    print(name,[str(w) for w in warn])
    for i,p in enumerate(out if isinstance(out,list) else [out]): (OUT/f"{name}-{i+1}.png").write_bytes(p)
    import asyncio; pdf=await typesetting.pdf(sheet); (OUT/f"{name}.pdf").write_bytes(pdf); print(name,len(pdf), len(out) if isinstance(out,list) else 1)
async def test_pictures(http, context, clock):
    hall=await open_hall(context,candidates=30,name="2027年3月五级理论考试第一场")
    for i,n in enumerate(NAMES): await sql(context,"UPDATE candidate SET name=:n WHERE id=(SELECT candidate_id FROM entry WHERE sitting_id=:s AND seat_number=:k)",n=n,s=hall.sitting_id,k=i+1)
    a,b,c,d,e,f,*_=hall.seated
    for who in hall.seated[:20]: await begin(http,who)
    clock.advance(timedelta(minutes=5,seconds=7))
    await give(http,hall.proctor,a,"interrupt",{**STOPS,"note":"键盘失灵，换机"})
    await give(http,hall.proctor,b,"grants",GRANT)
    clock.advance(timedelta(minutes=3))
    await lead(http,hall,"suspend",{"reason":"environment.power"})
    clock.advance(timedelta(minutes=3))
    await lead(http,hall,"resume")
    await give(http,hall.proctor,a,"resume",{"release_device":True})
    await give(http,hall.proctor,c,"terminate",{**MISCONDUCT,"note":"夹带纸条"})
    await give(http,hall.chief,c,"terminate",{**MISCONDUCT,"note":"核实"})
    await give(http,hall.proctor,d,"submit",REASON)
    sid=hall.sitting_id
    async with context.database.transaction() as s:
        from app.models.incident import Incident, IncidentNote; from app.models.message import Message
        from app.domain.incident_kinds import IncidentKind, IncidentSource, Severity
        from app.domain.messages import MessageKind
        now=await context.clock.now(s); pid=hall.proctors[0].id
        i1=Incident(sitting_id=sid,id=new_id(),room_id=hall.room_id,attempt_id=e.attempt_id,kind=IncidentKind.focus_lost,source=IncidentSource.client,severity=Severity.warning,count=3,first_at=now,last_at=now+timedelta(minutes=2),details={})
        i2=Incident(sitting_id=sid,id=new_id(),room_id=hall.room_id,kind=IncidentKind.disturbance,source=IncidentSource.proctor,severity=Severity.alarm,count=1,first_at=now,last_at=now,details={},reported_by=pid,acknowledged_at=now,acknowledged_by=pid)
        s.add_all([i1,i2]); await s.flush()
        s.add(IncidentNote(sitting_id=sid,id=new_id(),incident_id=i2.id,text="楼上施工，已联系停止\n第二行",written_by=pid,written_at=now))
        s.add(Message(sitting_id=sid,id=new_id(),batch_id=new_id(),room_id=hall.room_id,attempt_id=e.attempt_id,kind=MessageKind.hand,code="restroom",details={},sent_at=now,confirmed_at=now,confirmed_by=pid))
    clock.advance(timedelta(minutes=30)); await sweep(context); await sweep(context)
    clock.advance(timedelta(minutes=90)); await sweep(context); await sweep(context)
    r=f"/api/v1/proctor/rooms/{hall.room_id}"
    print(await lead(http,hall,"close"))
    ans=await http.post(f"{r}/seal",headers=hall.proctor,json={}); print(ans.json())
    got=await http.get(f"{r}/record",headers=hall.proctor); (OUT/"record.json").write_text(got.text); print(got.status_code)
    ans=await http.post(f"{r}/seal",headers=hall.chief,json={"record_digest":got.json()["record_digest"]}); print(ans.json())
    for n in ("record","sign-in-sheet","seat-map"):
        x=await http.get(f"{r}/{n}.pdf",headers=hall.proctor); print(n,x.status_code,x.headers, x.text[:300] if x.status_code!=200 else len(x.content))
    x=await http.get(f"/api/v1/sittings/{sid}/tickets.pdf",headers=hall.headers(hall.officer)); print(x.status_code,len(x.content))
    async with context.database.transaction() as s:
        p=Printer(s,context.keyring,context.settings.time_zone,hall.proctors[0],await context.clock.now(s))
        from app.models.sitting import Room
        room=await s.get_one(Room,(sid,hall.room_id))
        sheets={"record":await p.room_record(room),"sign":await p.sign_in_sheet(room),"map":await p.seat_map(room),"tickets":await p.tickets(sid,None)}
    for n,sh in sheets.items(): await draw(sh,n)
