"""Date and time formats that Chinese editors type and read.

Django's own formats raise an error on 2016年9月5日: strptime lacks their directives.
"""

DATE_INPUT_FORMATS = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"]
# The full-width colon is what a Chinese keyboard writes.
TIME_INPUT_FORMATS = ["%H:%M", "%H:%M:%S", "%H：%M", "%H时%M分", "%H点%M分"]
DATETIME_INPUT_FORMATS = [
    f"{date} {time}" for date in DATE_INPUT_FORMATS for time in TIME_INPUT_FORMATS
]
MONTH_DAY_FORMAT = "n月j日"
