"""The codes of the expert pool and of the calendar."""

from leitai.wire.errors.text import ErrorText

POOL: dict[str, ErrorText] = {
    "pool-changed": ErrorText("他人已先行修改，请刷新后再试。", "Somebody changed this first; look again.", status=409),
    "pool-merged": ErrorText(
        "该记录已并入他人的记录，不能再更改。", "This record became a part of another; it does not change.", status=409
    ),
    "pool-same-province": ErrorText("此人已在该省的能手库。", "The person is in that province's pool.", status=409),
    "pool-two-numbers": ErrorText(
        "两条记录的身份证号不同，不是同一人。", "The two have different identity numbers.", status=409
    ),
    "pool-key-unreadable": ErrorText(
        "密钥无法识别，应为 Ed25519 密钥。", "This is no key of the kind that is wanted (Ed25519).", status=400
    ),
    "pool-key-there": ErrorText("该公钥已登记。", "This key is registered already.", status=409),
    "pool-key-unknown": ErrorText("文件所用的密钥没有登记。", "The key of the file is not registered.", status=403),
    "pool-key-revoked": ErrorText("文件所用的密钥已停用。", "The key of the file was revoked.", status=403),
    "pool-signature": ErrorText("签名不符，文件可能被改动。", "The signature does not hold.", status=403),
    "pool-file-province": ErrorText(
        "文件的省份与密钥或令牌不符。", "The file is of another province than its key or token.", status=403
    ),
    "pool-file-older": ErrorText(
        "已收过序号相同或更新的文件，此文件不再接收。", "A file of this or a later number was taken in.", status=409
    ),
    "pool-file-malformed": ErrorText("文件内容不符合约定。", "The file is not as agreed.", status=400),
    "pool-file-not-canonical": ErrorText(
        "文件的行不是规范写法。", "A line of the file is not written canonically.", status=400
    ),
    "pool-file-too-large": ErrorText("文件超过 32 MiB。", "The file is larger than 32 MiB.", status=413),
    "calendar-order": ErrorText("结束日期早于开始日期。", "A stage ends before it begins.", status=400),
}
