"""The report of a bank check as tables."""

from rich.console import Console
from rich.table import Table

from app.domain.bank_check import BankReport
from app.domain.items import ItemType


def print_report(console: Console, report: BankReport) -> None:
    """Needs by level, area and type, own-level needs, keys, coverage, and all findings in both languages."""
    console.print(_cells(report))
    console.print(_own_level(report))
    for item_type, keys in ((ItemType.single, report.single_keys), (ItemType.true_false, report.true_false_keys)):
        counts = ", ".join(f"{key} {count}" for key, count in keys.items())
        console.print(f"{item_type.names['type_zh']}答案分布 Keys, {item_type.names['type_en']}: {counts}")
    console.print(f"答案为最长选项 Key is the longest option: {report.longest_key_share:.0%}")
    covered = len(report.items_per_point) - len(report.uncovered_points)
    console.print(f"知识点覆盖 Knowledge points covered: {covered}/{len(report.items_per_point)}")
    for finding in report.findings:
        zh, en = finding.render("zh-CN")["detail"], finding.render("en")["detail"]
        console.print(f"✗ {finding.place}: {zh} {en}", style="red", markup=False, soft_wrap=True)
    if report.ok:
        console.print("✓ 未发现问题 No findings", style="green")


def _cells(report: BankReport) -> Table:
    table = Table(title="每套试卷所需与可用 Needed for a paper and available")
    for heading in ("等级 Level", "项目 Area", "题型 Type"):
        table.add_column(heading, no_wrap=True)
    for heading in ("需要 Needed", "含备用 With spare", "可用 Available", "缺 Short"):
        table.add_column(heading, justify="right")
    for cell in report.cells:
        numbers = (cell.needed, cell.needed_with_spare, cell.available, cell.short or "-")
        style = "red" if cell.short else None
        table.add_row(str(cell.level), cell.area, cell.type.names["type_zh"], *map(str, numbers), style=style)
    return table


def _own_level(report: BankReport) -> Table:
    table = Table("等级 Level", "项目 Area", title="本等级试题 Items of the level itself")
    for heading in ("含备用 With spare", "可用 Available", "缺 Short"):
        table.add_column(heading, justify="right")
    for need in report.own_level:
        numbers = (need.needed_with_spare, need.available, need.short or "-")
        table.add_row(str(need.level), need.area, *map(str, numbers), style="red" if need.short else None)
    return table
