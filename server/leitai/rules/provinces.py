"""The 32 divisions whose delegations take part (DOMAIN, delegations: 31 regions and 新疆生产建设兵团).

Each may run contests of its own. Codes are those of GB/T 2260; that of a team of a province's own begins with the first
two digits of the province's and does not end in four zeros.
"""

from collections.abc import Iterable, Mapping

from leitai.rules.values import DelegationCode

PROVINCES: Mapping[DelegationCode, str] = {
    DelegationCode(code): name
    for code, name in (
        ("110000", "北京"),
        ("120000", "天津"),
        ("130000", "河北"),
        ("140000", "山西"),
        ("150000", "内蒙古"),
        ("210000", "辽宁"),
        ("220000", "吉林"),
        ("230000", "黑龙江"),
        ("310000", "上海"),
        ("320000", "江苏"),
        ("330000", "浙江"),
        ("340000", "安徽"),
        ("350000", "福建"),
        ("360000", "江西"),
        ("370000", "山东"),
        ("410000", "河南"),
        ("420000", "湖北"),
        ("430000", "湖南"),
        ("440000", "广东"),
        ("450000", "广西"),
        ("460000", "海南"),
        ("500000", "重庆"),
        ("510000", "四川"),
        ("520000", "贵州"),
        ("530000", "云南"),
        ("540000", "西藏"),
        ("610000", "陕西"),
        ("620000", "甘肃"),
        ("630000", "青海"),
        ("640000", "宁夏"),
        ("650000", "新疆"),
        ("660000", "兵团"),
    )
}
"""Their short names by their codes."""
NATION = "全国"


def area(teams: Iterable[str]) -> str:
    """Return whose contest it is, by its teams' codes: a province's short name, or `NATION`."""
    own = next((code for code in teams if not code.endswith("0000")), "")
    return PROVINCES.get(DelegationCode(f"{own[:2]}0000"), NATION)
