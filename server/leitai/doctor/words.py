"""What each finding is called and what to do about it, in Chinese and English."""

from collections.abc import Mapping
from typing import NamedTuple


class Words(NamedTuple):
    """A finding's title, and what to do when it is not well."""

    title_zh: str
    title_en: str
    do_zh: str
    do_en: str


WORDS: Mapping[str, Words] = {
    # --- the live store ---
    "store.reachable": Words(
        "Valkey 可以连接",
        "Valkey answers",
        "检查 LEITAI_VALKEY_URL、密码、网络，以及该服务器是否在运行",
        "Check LEITAI_VALKEY_URL, the password, the network, and whether that server runs",
    ),
    "store.password": Words(
        "Valkey 有密码",
        "Valkey wants a password",
        "设置 requirepass，写进 LEITAI_VALKEY_URL；只在内网监听",
        "Set requirepass and put it into LEITAI_VALKEY_URL; listen on the inner network only",
    ),
    "store.version": Words(
        "Valkey 版本",
        "Version of Valkey",
        "使用与测试相同的主版本；低于 7.2 没有 WAITAOF，不能使用",
        "Run the major version that we test with; below 7.2 there is no WAITAOF and it cannot be used",
    ),
    "store.appendonly": Words(
        "追加文件",
        "Append-only file",
        "CONFIG SET appendonly yes，并写进配置文件",
        "CONFIG SET appendonly yes, and write it into the configuration file",
    ),
    "store.appendfsync": Words(
        "每次写入后存盘",
        "Sync after every write",
        "CONFIG SET appendfsync always；否则“已收到”的作答可能在断电时丢失",
        "CONFIG SET appendfsync always; otherwise acknowledged answers may be lost with the power",
    ),
    "store.no-appendfsync-on-rewrite": Words(
        "重写期间也存盘",
        "Sync also during a rewrite",
        "CONFIG SET no-appendfsync-on-rewrite no",
        "CONFIG SET no-appendfsync-on-rewrite no",
    ),
    "store.maxmemory-policy": Words(
        "内存满时不淘汰",
        "Nothing is evicted",
        "CONFIG SET maxmemory-policy noeviction；否则内存满时会删掉作答",
        "CONFIG SET maxmemory-policy noeviction; otherwise answers are deleted when memory is full",
    ),
    "store.auto-aof-rewrite-percentage": Words(
        "比赛期间不自动重写",
        "No rewrite by itself during a contest",
        "CONFIG SET auto-aof-rewrite-percentage 0；赛后手工 BGREWRITEAOF",
        "CONFIG SET auto-aof-rewrite-percentage 0; after the contest BGREWRITEAOF by hand",
    ),
    "store.save": Words(
        "比赛期间不做快照",
        "No snapshots during a contest",
        'CONFIG SET save ""：快照会复制进程，带来停顿',
        'CONFIG SET save "": a snapshot forks the process and brings a pause',
    ),
    "store.timeout": Words(
        "不断开空闲连接",
        "Idle connections stay",
        "CONFIG SET timeout 0",
        "CONFIG SET timeout 0",
    ),
    "store.maxmemory": Words(
        "可用内存",
        "Memory left",
        "调大 maxmemory 或机器内存，或清掉旧场次的数据",
        "Raise maxmemory or the machine's memory, or clear old sessions away",
    ),
    "store.aof": Words(
        "追加文件可写",
        "The append-only file can be written",
        "检查磁盘空间和权限；出错时 Valkey 拒绝一切写入",
        "Check the disk's space and rights; Valkey refuses all writes in this state",
    ),
    "store.maxclients": Words(
        "连接数上限",
        "Connections allowed",
        "调大 maxclients",
        "Raise maxclients",
    ),
    "store.replicas": Words(
        "同步中的副本",
        "Replicas in step",
        "启动副本并等它们同步完成；不够时作答不能确认",
        "Start replicas and let them catch up; without them no answer is acknowledged",
    ),
    "store.min-replicas-to-write": Words(
        "没有副本时主库停写",
        "A primary without replicas takes no writes",
        "CONFIG SET min-replicas-to-write 1：被隔离的旧主库不再接收写入",
        "CONFIG SET min-replicas-to-write 1: an old primary cut off from all others takes nothing any more",
    ),
    "store.write": Words(
        "一次写入的时间",
        "Time of one write",
        "换更快的磁盘（带断电保护的 NVMe），或把 Valkey 放近一些",
        "Use a faster disk (NVMe with power-loss protection), or put Valkey nearer",
    ),
    "store.waitaof": Words(
        "副本确认存盘",
        "Replicas confirm that it is on disk",
        "副本也要 appendonly yes、appendfsync always；检查副本的延迟",
        "Replicas too need appendonly yes and appendfsync always; look at their lag",
    ),
    "store.cluster": Words(
        "集群状态",
        "State of the cluster",
        "CLUSTER INFO、CLUSTER SHARDS 查出缺少的槽或节点，补齐后再试",
        "Find the missing slots or nodes with CLUSTER INFO and CLUSTER SHARDS, and mend them",
    ),
    # --- PostgreSQL ---
    "database.reachable": Words(
        "PostgreSQL 可以连接",
        "PostgreSQL answers",
        "检查 LEITAI_DATABASE_URL、pg_hba.conf、网络",
        "Check LEITAI_DATABASE_URL, pg_hba.conf, the network",
    ),
    "database.password": Words(
        "PostgreSQL 有密码",
        "PostgreSQL wants a password",
        "给用户设密码，pg_hba.conf 用 scram-sha-256",
        "Give the role a password, use scram-sha-256 in pg_hba.conf",
    ),
    "database.version": Words(
        "PostgreSQL 版本",
        "Version of PostgreSQL",
        "使用与测试相同的主版本",
        "Run the major version that we test with",
    ),
    "database.encoding": Words(
        "数据库编码",
        "Encoding of the database",
        "用 ENCODING 'UTF8' 重建数据库",
        "Create the database anew with ENCODING 'UTF8'",
    ),
    "database.fsync": Words(
        "写入存盘",
        "Writes reach the disk",
        "postgresql.conf：fsync = on，重启",
        "postgresql.conf: fsync = on, then restart",
    ),
    "database.full_page_writes": Words(
        "整页写入",
        "Whole pages are written",
        "postgresql.conf：full_page_writes = on",
        "postgresql.conf: full_page_writes = on",
    ),
    "database.synchronous_commit": Words(
        "提交前存盘",
        "Commits wait for the disk",
        "postgresql.conf：synchronous_commit = on",
        "postgresql.conf: synchronous_commit = on",
    ),
    "database.standby": Words(
        "同步备库",
        "Synchronous standby",
        "启动备库，或清空 synchronous_standby_names；设了名字而备库不在，提交会一直等待",
        "Start the standby, or empty synchronous_standby_names: named but absent, every commit waits for it",
    ),
    "database.max_connections": Words(
        "连接数够各进程使用",
        "Connections for every process",
        "调大 max_connections，重启 PostgreSQL",
        "Raise max_connections and restart PostgreSQL",
    ),
    # --- versions ---
    "version.leitai": Words("本程序", "This program", "", ""),
    "version.wire": Words("线上协议", "The wire", "", ""),
    "version.migrations": Words(
        "数据库结构",
        "Schema of the database",
        "较旧：运行 leitai migrate；较新或被改动：使用与数据库相符的程序版本",
        "Older: run leitai migrate. Newer or changed: run the version of the program that fits the database",
    ),
    "version.python": Words("Python 版本", "Version of Python", "安装更新的 Python", "Install a newer Python"),
    "version.modules": Words(
        "所需模块",
        "Modules that are needed",
        "按 requirements.lock 安装；没有 picows 的平台设 LEITAI_DRIVER=starlette",
        "Install what requirements.lock names; where there is no picows set LEITAI_DRIVER=starlette",
    ),
    "version.pages": Words(
        "页面已构建", "The pages are built", "运行 make client，或安装正式的包", "Run make client, or install a release"
    ),
    # --- this machine ---
    "clock.offset": Words(
        "与本机时钟之差",
        "Offset from this machine's clock",
        "两台机器都用同一组 NTP 服务器校时；比赛前完成，不要在比赛中跳变",
        "Keep both machines right by the same NTP servers, and let no clock jump during the contest",
    ),
    "clock.ntp": Words(
        "本机时钟由 NTP 校准",
        "NTP keeps this machine's clock",
        "启用 chrony 或 systemd-timesyncd；容器里看不到时，在宿主机上查",
        "Run chrony or systemd-timesyncd; look at the host where a container cannot tell",
    ),
    "limits.nofile": Words(
        "打开文件数上限",
        "Open files",
        "systemd 用 LimitNOFILE=65536，Docker 用 ulimits，shell 用 ulimit -n",
        "LimitNOFILE=65536 in systemd, ulimits in Docker, ulimit -n in a shell",
    ),
    "limits.somaxconn": Words(
        "等待接受的连接",
        "Connections waiting to be accepted",
        "sysctl -w net.core.somaxconn=16384；容器要单独设",
        "sysctl -w net.core.somaxconn=16384; containers have their own",
    ),
    "limits.tcp_max_syn_backlog": Words(
        "握手中的连接",
        "Connections in their handshake",
        "sysctl -w net.ipv4.tcp_max_syn_backlog=16384",
        "sysctl -w net.ipv4.tcp_max_syn_backlog=16384",
    ),
    "limits.ip_local_port_range": Words(
        "向外连接的端口（代理所在机器）",
        "Ports for outgoing connections (where the proxy runs)",
        'sysctl -w net.ipv4.ip_local_port_range="10240 65535"，或多用几个网关地址',
        'sysctl -w net.ipv4.ip_local_port_range="10240 65535", or more addresses of gateways',
    ),
    "limits.nf_conntrack_max": Words(
        "防火墙记住的连接",
        "Connections the firewall remembers",
        "sysctl -w net.netfilter.nf_conntrack_max=262144；满了以后新连接会被丢弃",
        "sysctl -w net.netfilter.nf_conntrack_max=262144; when it is full, new connections are dropped",
    ),
    "limits.overcommit_memory": Words(
        "内存超额分配（Valkey 所在机器）",
        "Memory overcommit (where Valkey runs)",
        "sysctl -w vm.overcommit_memory=1：否则 Valkey 复制自己时可能失败",
        "sysctl -w vm.overcommit_memory=1: otherwise Valkey may fail to fork",
    ),
    "limits.transparent_hugepage": Words(
        "透明大页（Valkey 所在机器）",
        "Transparent huge pages (where Valkey runs)",
        "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
        "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
    ),
    "disk.fsync": Words(
        "磁盘同步的时间",
        "Time of a disk sync",
        "换带断电保护的 NVMe；避免网络盘和与他人共用的盘",
        "Use NVMe with power-loss protection; neither network disks nor disks shared with others",
    ),
    "disk.free": Words("磁盘空间", "Free space", "腾出空间或换更大的盘", "Free some space, or use a larger disk"),
    "disk.tried": Words(
        "磁盘已测试",
        "The disk was tried",
        "在 Valkey 所在机器上、以能写其数据目录的用户运行，或用 --data 指明目录",
        "Run it where Valkey runs, as a user who may write to its folder, or name one with --data",
    ),
    "ports.stores": Words(
        "存储不对外开放",
        "Stores are not open to all",
        "让 Valkey、PostgreSQL 只监听内网地址（bind、listen_addresses）",
        "Let Valkey and PostgreSQL listen on inner addresses only (bind, listen_addresses)",
    ),
    "ports.interface": Words(
        "监听的网卡",
        "Interface of the door",
        "用 127.0.0.1 或内网地址；容器内或有防火墙时加 --all-interfaces",
        "Use 127.0.0.1 or an inner address; --all-interfaces in a container or behind a firewall",
    ),
    "ports.metrics": Words(
        "指标不对外公开",
        "Figures are not for everybody",
        "LEITAI_METRICS_LISTEN 用 127.0.0.1 或内网地址，或设 LEITAI_METRICS_TOKEN",
        "Use 127.0.0.1 or an inner address in LEITAI_METRICS_LISTEN, or set LEITAI_METRICS_TOKEN",
    ),
    "ports.door": Words(
        "监听端口可用",
        "The port can be used",
        "该端口被别的程序占用：停掉它，或改 LEITAI_LISTEN",
        "Another program has the port: stop it, or change LEITAI_LISTEN",
    ),
    # --- settings ---
    "secret.key": Words(
        "密钥是随机的（不同字节数）",
        "The key is random (different bytes)",
        "openssl rand -hex 32，写进 LEITAI_SECRET_KEY；要在建场次之前换",
        "openssl rand -hex 32 into LEITAI_SECRET_KEY; change it before sessions are created",
    ),
    "secret.demo": Words(
        "不是演示用的密钥",
        "Not the key of a demonstration",
        "正式部署另外生成密钥",
        "Make a key of its own for the deployment",
    ),
    "origins.exact": Words(
        "页面来源写得准确",
        "Origins as browsers send them",
        "LEITAI_ORIGINS、LEITAI_OFFICE_ORIGINS 写 https://主机名，小写，不带路径、斜杠、通配符和默认端口",
        "LEITAI_ORIGINS, LEITAI_OFFICE_ORIGINS: https://host in small letters, no path, slash, wildcard, usual port",
    ),
    "origins.https": Words(
        "页面来源用 https",
        "Origins are https",
        "对外一律 https；本机地址只有本机的浏览器能用",
        "Serve the public by https; an address of this machine serves its own browsers only",
    ),
    "origins.cookie": Words(
        "Cookie 与 https 相符",
        "Cookies fit https",
        "来源为 https 时设 LEITAI_HTTPS=true，否则设 false",
        "LEITAI_HTTPS=true where origins are https, false otherwise",
    ),
    # --- the session ---
    "session.scheduled": Words(
        "下一场次已安排",
        "The next session is scheduled",
        "leitai session create；已过开始时间而没有开始的，检查 director 是否在运行",
        "leitai session create; when its start has passed and it did not begin, see whether a director runs",
    ),
    "session.secret": Words(
        "场次的密钥能打开",
        "The session's secret opens",
        "使用建场次时的 LEITAI_SECRET_KEY，否则题目和登录码都不能用",
        "Use the LEITAI_SECRET_KEY with which the session was created, or neither items nor codes open",
    ),
    "session.paper": Words(
        "试卷可以密封",
        "The paper can be sealed",
        "检查试卷的题目是否齐全，重新组卷",
        "See whether the paper has all its items, and put it together again",
    ),
    "session.codes": Words(
        "座位都有登录码",
        "Seats have access codes",
        "leitai roster sheet --session 场次号，重发登录码",
        "leitai roster sheet --session N gives new codes",
    ),
    "session.roster": Words(
        "名单上没有座位的人",
        "People of the roster without a seat",
        "名单在建场次之后改过：重建场次",
        "The roster changed after the session was created: create the session anew",
    ),
}
