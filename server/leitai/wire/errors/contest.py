"""The codes of the contest and of those who run it."""

from leitai.wire.errors.text import ErrorText

CONTEST: dict[str, ErrorText] = {
    # frames
    "frame-too-large": ErrorText(
        "发送的数据过大，连接已关闭。", "The message is too large; the connection was closed."
    ),
    "frame-not-binary": ErrorText("只接受二进制消息。", "Only binary messages are accepted."),
    "frame-malformed": ErrorText("消息无法识别。", "The message cannot be read."),
    "frame-invalid": ErrorText("消息内容不符合约定。", "The message does not follow the protocol."),
    "hello-expected": ErrorText("请先完成连接验证。", "The first message must be hello."),
    "hello-repeated": ErrorText("连接已经验证过。", "hello was already said."),
    "too-many-messages": ErrorText("操作过于频繁，请稍候。", "Too many messages; please wait.", retry=True),
    "abuse": ErrorText("连接因异常数据被关闭。", "The connection was closed because of repeated bad data."),
    # connections
    "origin-refused": ErrorText("不允许从该网址连接。", "Connections from this site are not allowed."),
    "ticket-refused": ErrorText("入场凭据无效或已使用，请重新进入。", "The ticket is unknown, used or expired."),
    "superseded": ErrorText(
        "您已在另一处登录，本页面不再作答。", "You connected elsewhere; this page no longer answers."
    ),
    "slow-client": ErrorText("网络接收过慢，正在重新连接。", "The network is too slow; reconnecting.", retry=True),
    "moved": ErrorText("服务器正在切换，即将自动重连。", "The server is moving; reconnecting shortly.", retry=True),
    "store-unavailable": ErrorText("服务器暂时繁忙，答案已保留。", "The server is busy; answers are kept.", retry=True),
    "not-a-contestant": ErrorText("观众连接不能作答。", "Viewers cannot do this."),
    # answers
    "too-early": ErrorText("题目尚未开放，本次作答不计分。", "The item is not open yet; this answer does not count."),
    "too-late": ErrorText("作答时间已过，本次作答不计分。", "The time was over; this answer does not count."),
    "already-answered": ErrorText("本题已作答，以第一次为准。", "This item was answered; the first answer counts."),
    "newer-answer": ErrorText("本题已有更新的作答，以最后一次为准。", "A newer answer to this item counts."),
    "unknown-item": ErrorText("没有这道题。", "There is no such item."),
    "bad-response": ErrorText("所选答案不属于本题。", "The response does not fit the item."),
    "not-begun": ErrorText("尚未开始答题，请先点“开始答题”。", "This sitting has not begun yet."),
    "not-running": ErrorText("现在不是作答时间。", "Answers are not taken now."),
    "too-many-changes": ErrorText("本题修改次数过多。", "This item was changed too often."),
    "late-entry": ErrorText("已超过最晚入场时间。", "The latest time of entry has passed."),
    "struck": ErrorText("该选手已被取消参赛资格。", "This contestant was struck off."),
    "bad-receipt": ErrorText("回执核对不符。", "The receipt does not match."),
    # questions
    "question-not-now": ErrorText("现在不能提问。", "Questions are not taken now."),
    "question-empty": ErrorText("请写明问题。", "Say what the question is."),
    "too-many-questions": ErrorText(
        "提问过于频繁或已达上限，请举手示意监考员。", "Too many questions; raise a hand instead.", retry=True
    ),
    "clarification-answered": ErrorText("该提问已有人答复。", "Somebody has answered this question."),
    "unknown-audience": ErrorText("没有这样的代表队、考场或选手。", "There is no such delegation, room or contestant."),
    # rulings, appeals, marks (`rules.rulings`, `rules.appeals`, `rules.markings`)
    "ruling-illegal-act": ErrorText("该裁决的状态不允许此操作。", "The ruling's state does not allow this."),
    "ruling-self-approval": ErrorText("提议人不能批准自己的提议。", "Nobody approves what they proposed themselves."),
    "ruling-conflict-of-interest": ErrorText(
        "裁判来自相关代表队，应当回避。", "The judge is from a delegation concerned and takes no part."
    ),
    "ruling-reason-missing": ErrorText("请写明理由。", "A reason is needed."),
    "ruling-evidence-missing": ErrorText("请写明依据。", "Evidence is needed."),
    "ruling-stale": ErrorText("该裁决已有变动，请刷新后再操作。", "The ruling moved on; look at it again.", retry=True),
    "ruling-phase": ErrorText("开赛前不能裁决。", "Rulings are made from the start on."),
    "ruling-time": ErrorText("操作时间早于上一步。", "The act is dated before the one that it follows."),
    "ruling-unknown-item": ErrorText("裁决的题目不存在。", "The ruling is about no item of the session."),
    "ruling-unknown-person": ErrorText(
        "裁决的选手、考场或代表队不存在。", "The ruling is about nobody who takes part."
    ),
    "ruling-bad-key": ErrorText("答案与题型不符。", "The key does not fit the item."),
    "ruling-bad-points": ErrorText("分值超出本题范围。", "The points are beyond what the item is worth."),
    "ruling-bad-time": ErrorText("补时的时长不合理。", "The time compensation is not a sensible one."),
    "ruling-bad-order": ErrorText("排序的对象不完整或重复。", "The order is incomplete or names somebody twice."),
    "mark-not-judged": ErrorText("本题按答案评分，无需裁判评阅。", "A key marks this item."),
    "mark-conflict-of-interest": ErrorText(
        "裁判与选手同属一个代表队，应当回避。", "The judge is from the contestant's delegation."
    ),
    "mark-twice": ErrorText("您已评阅过这份作答。", "You have marked this answer."),
    "mark-stale": ErrorText("另一位裁判刚刚评阅了这份作答，请重新打开。", "Another mark came first.", retry=True),
    "mark-settled": ErrorText("这份作答已评定。", "This answer needs no further mark."),
    "mark-bad-points": ErrorText("评分超出范围。", "The points are beyond what the item is worth."),
    "appeal-not-open": ErrorText("现在不接受申诉。", "Appeals are not taken now."),
    "appeal-too-late": ErrorText("申诉时限已过。", "The time for appeals has passed."),
    "appeal-unknown-item": ErrorText("没有这道题。", "There is no such item."),
    "appeal-text-missing": ErrorText("请写明申诉内容。", "Say what the appeal is about."),
    "appeal-text-too-long": ErrorText("申诉内容过长。", "The appeal is too long."),
    "appeal-repeated": ErrorText("本题的申诉正在处理。", "An appeal on this item waits for its decision."),
    "appeal-decided": ErrorText("该申诉已有结论。", "This appeal was decided."),
    "appeal-conflict-of-interest": ErrorText(
        "裁判与申诉人同属一个代表队，应当回避。", "The judge is from the contestant's delegation."
    ),
    "appeal-reason-missing": ErrorText("请写明理由。", "A reason is needed."),
    "appeal-ruling-not-in-force": ErrorText("所依据的裁决尚未生效。", "The ruling that it rests on is not in force."),
    "receipt-decided": ErrorText("该回执已有结论。", "This receipt was decided."),
    "receipt-conflict-of-interest": ErrorText(
        "裁判与出示回执的选手同属一个代表队，应当回避。", "The judge is from the contestant's delegation."
    ),
    "receipt-reason-missing": ErrorText("请写明理由。", "A reason is needed."),
    "receipt-ruling-not-in-force": ErrorText("所依据的裁决尚未生效。", "The ruling that it rests on is not in force."),
    "reveal-at-end": ErrorText("滚榜已到最后一步。", "The reveal is at its end."),
    "reveal-at-start": ErrorText("滚榜尚未开始。", "The reveal is at its start."),
    "reveal-no-such-step": ErrorText("没有这一步。", "The reveal has no such step."),
    "reveal-not-begun": ErrorText("没有正在进行的滚榜。", "No reveal is under way."),
    "reveal-changed": ErrorText("名次已有变动，请重新开始滚榜。", "The order changed; start the reveal anew."),
    # finalizing (`rules.finalizing`)
    "answers-unrecorded": ErrorText("尚有作答未入库。", "Answers have not reached the archive.", retry=True),
    "receipt-unreconciled": ErrorText("尚有回执未核对。", "A receipt is not reconciled."),
    "answer-unmarked": ErrorText("尚有作答未评阅。", "Answers are not marked."),
    "appeal-window-open": ErrorText("申诉时限未到。", "Contestants may still appeal.", retry=True),
    "appeal-undecided": ErrorText("尚有申诉未处理。", "An appeal is undecided."),
    "ruling-half-approved": ErrorText("尚有裁决待第二人批准。", "A ruling waits for a second judge."),
    "session-finalized": ErrorText("场次已定榜，不能再更改。", "The session is final; nothing changes any more."),
    # HTTP
    "wrong-credentials": ErrorText("准考证号或登录码不正确。", "The admission number or the code is wrong."),
    "too-many-tries": ErrorText("尝试次数过多，请一分钟后再试。", "Too many tries; wait a minute.", retry=True),
    "not-signed-in": ErrorText("请先登录。", "Please sign in."),
    "forbidden": ErrorText("没有权限。", "Not allowed."),
    "not-found": ErrorText("没有找到。", "Not found."),
    "method-not-allowed": ErrorText("不支持该操作。", "This method is not allowed."),
    "bad-request": ErrorText("请求内容不正确。", "The request is not right."),
    "body-too-large": ErrorText("提交的内容过大。", "The body is too large."),
    "unsupported-media-type": ErrorText("请以 JSON 提交。", "Send JSON."),
    "not-yet": ErrorText("尚未到公布时间。", "This is not published yet."),
    "result-unavailable": ErrorText(
        "比赛正在进行，往场成绩请稍后再查。", "A contest is under way; look for earlier results after it.", retry=True
    ),
    "no-session": ErrorText(
        "目前没有开放的场次，开放后即可进入。", "No session is open now; come in once there is one.", retry=True
    ),
    "board-unavailable": ErrorText("排行榜暂不可用。", "The board is not available now.", retry=True),
    # commands to a session
    "command-refused": ErrorText("当前阶段不能这样做。", "The session's phase does not allow this."),
    "stale-edition": ErrorText("他人已先行操作，请核对后再试。", "Somebody acted first; look again."),
    "too-late-to-change": ErrorText(
        "该题已经或即将开放、结束，来不及更改。", "The item has opened or closed, or is about to."
    ),
    "already-frozen": ErrorText("公众榜已经封榜。", "The board is frozen already."),
    "not-frozen": ErrorText("公众榜没有封榜。", "The board is not frozen."),
    "not-conducted": ErrorText("该场次当前无人指挥，请稍候再试。", "Nobody conducts this session now.", retry=True),
    "roster-missing": ErrorText("该比赛还没有名单。", "The contest has no roster."),
    "time-past": ErrorText("开始时间已过。", "The start lies in the past."),
    "session-under-way": ErrorText(
        "另一场次正在进行或尚未定榜。", "Another session is under way or not final yet.", retry=True
    ),
    "session-begun": ErrorText("候考已开放，不能再更改。", "The lobby has opened; this cannot be changed any more."),
    "session-withdrawn": ErrorText("该场次已撤回，请另建场次。", "The session was withdrawn; make another."),
    "session-not-in-force": ErrorText("该场次当前无人指挥，不能更改。", "Nobody directs this session now."),
    "second-person-needed": ErrorText("该操作须由另一人确认。", "This needs a second person's confirmation."),
    "second-not-needed": ErrorText("该操作可直接执行，无需确认。", "One person may do this alone."),
    "request-self-confirmation": ErrorText("不能确认自己提出的操作。", "Nobody confirms their own request."),
    "request-lapsed": ErrorText("该请求已过期，请重新提出。", "The request has lapsed; ask again."),
    "request-decided": ErrorText("该请求已有人处理。", "Somebody has dealt with this request."),
    # what goes on air
    "token-refused": ErrorText("令牌无效。", "The token is unknown."),
    "token-revoked": ErrorText("令牌已停用。", "The token was revoked."),
    "token-out-of-place": ErrorText("令牌只能读取播出数据。", "A token opens nothing but what goes on air."),
    "too-many-on-air": ErrorText("播出通道或滚动文字已达上限。", "No more channels or lines fit."),
    # staff
    "wrong-login": ErrorText("账号或密码不正确。", "The login or the password is wrong."),
    "invitation-refused": ErrorText("邀请码无效、已使用或已过期。", "The invitation is wrong, used or too old."),
    "password-weak": ErrorText(
        "密码至少 10 个字符，不得包含账号或只有少数几个字符。",
        "A password has at least 10 characters, not the login in it, and more than a few different ones.",
    ),
    "login-taken": ErrorText("该账号已存在。", "This login is taken."),
    "login-invalid": ErrorText(
        "账号为 2 至 32 个小写字母、数字、点、横线或下划线。",
        "A login has 2 to 32 lower-case letters, digits, dots, dashes or underscores.",
    ),
    "roles-invalid": ErrorText(
        "请选择角色；领队须指定代表队，且不能兼任其他角色。",
        "Choose roles; a team leader needs a delegation and has no other role.",
    ),
    "stale-version": ErrorText("他人已先行修改，请刷新后再试。", "Somebody changed this first; look again."),
    "last-administrator": ErrorText("至少须保留一名管理员。", "At least one administrator must remain."),
    "internal": ErrorText("服务器出错，请稍后再试。", "The server failed; try again later.", retry=True),
}
