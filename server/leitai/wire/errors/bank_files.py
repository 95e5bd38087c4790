"""The codes of the files around the question bank: imports, exports, near-duplicates, pictures and films."""

from leitai.wire.errors.text import ErrorText

BANK_FILES: dict[str, ErrorText] = {
    "upload-not-ready": ErrorText(
        "该文件尚未检查完毕，或已经导入。", "The file is not checked yet, or was taken in already.", status=409
    ),
    "upload-rows-refused": ErrorText(
        "文件中有被拒绝的行，请改正后重新上传，或选择只导入合格的行。",
        "Rows of the file are refused; correct them and bring it again, or import the good ones only.",
        status=409,
    ),
    "upload-nothing": ErrorText("文件中没有可以导入的试题。", "The file holds no question to import.", status=409),
    "export-too-many": ErrorText(
        "一次最多导出 20000 题，请缩小范围。", "At most 20,000 questions at once; narrow the search.", status=409
    ),
    "export-too-heavy": ErrorText(
        "导出超出限制，请缩小范围。", "The export takes more than it may; narrow the search.", status=409
    ),
    "likeness-decided": ErrorText(
        "这一对试题已有人处理。", "Somebody has dealt with this pair.", retry=True, status=409
    ),
    "likeness-too-heavy": ErrorText(
        "题库过大，查找超出限制。", "The bank takes more to go through than it may.", status=503
    ),
    "media-empty": ErrorText("文件是空的。", "The file is empty.", status=400),
    "media-type": ErrorText(
        "不是可用的图片或视频：图片请使用 PNG、JPEG、GIF 或 WebP，视频请使用 MP4 或 WebM。",
        "This is no picture (PNG, JPEG, GIF, WebP) and no video (MP4, WebM) that can be used.",
        status=415,
    ),
    "media-purpose": ErrorText(
        "试题配图应为图片，课程和案例应为视频。", "Questions show pictures; lectures and cases are videos.", status=400
    ),
    "media-too-large": ErrorText(
        "文件过大：图片不超过 5 MiB，视频不超过 512 MiB。",
        "The file is too large: pictures have 5 MiB at most, videos 512 MiB.",
        status=413,
    ),
    "media-broken": ErrorText("图片已损坏或格式不完整。", "The picture is damaged or not whole.", status=400),
    "media-dimensions": ErrorText(
        "图片每边不超过 8000 像素，总像素不超过 4000 万。",
        "A picture has at most 8,000 pixels a side and 40 million in all.",
        status=400,
    ),
    "media-caption-missing": ErrorText(
        "请填写图片说明，看不到图片的人将读到它。", "A picture needs words for those who do not see it.", status=400
    ),
    "media-too-many": ErrorText("每题最多配 4 个文件。", "A question shows four files at most.", status=409),
    "media-shown": ErrorText("该试题已配有这个文件。", "The question shows this file already.", status=409),
    "range-not-satisfiable": ErrorText("请求的范围不在文件内。", "The range lies beyond the file.", status=416),
}
