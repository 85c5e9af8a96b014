"""Calls whose answer depends on more than the program. Data, to add to."""

from __future__ import annotations

# By the name that a call goes by where it is defined. A trailing dot stands for all below it.
# Left out on purpose: perf_counter and its like (who returns a duration means that of the computation), cpu_count,
# getpid, tempfile and locks (they shape how a program runs, hardly ever what it answers), default_rng (mostly seeded);
# and whatever opens files through Python: the interpreter's audit events tell of those.
CALLS = {
    "unwatched files": """os.path.exists os.path.isfile os.path.isdir os.path.getsize os.path.getmtime os.stat os.access
        genericpath.exists genericpath.lexists genericpath.isfile genericpath.isdir
        genericpath.getsize genericpath.getmtime posixpath.exists ntpath.exists posix.stat posix.lstat posix.access
        posix.readlink nt.stat nt.lstat nt.access nt.readlink nt._path_exists nt._path_isfile nt._path_isdir
        pandas.read_parquet pandas.read_feather pandas.read_hdf pandas.read_orc
        polars.io. pyarrow.parquet. pyarrow.csv. pyarrow.feather. pyarrow.orc. h5py. netCDF4. cv2.imread""",
    "the time": """time.time time.time_ns time.localtime time.gmtime time.ctime time.strftime
        datetime.datetime.now datetime.datetime.utcnow datetime.datetime.today datetime.date.today""",
    "standard input": "sys.stdin sys.__stdin__",
    "system randomness": "os.urandom posix.urandom nt.urandom secrets. uuid.uuid1 uuid.uuid4 random.SystemRandom",
    "the network": """socket.socket socket.create_connection urllib.request. http.client. ftplib. smtplib. requests.
        httpx. aiohttp. urllib3. websockets. boto3. paramiko.""",
    "other programs": "subprocess. os.system os.fork posix.system nt.system os.popen posix.fork",
    "the working directory": """posixpath.abspath posixpath.realpath posixpath.relpath ntpath.abspath ntpath.realpath
        ntpath.relpath os.path.abspath os.path.realpath os.path.relpath""",
    "the machine": "os.getcwd posix.getcwd nt.getcwd os.getlogin socket.gethostname platform. getpass. builtins.input",
}

# Methods that do the same: told by the class that is named and the attributes that are read, together.
METHODS = {
    "the time": {
        "datetime.datetime": "now utcnow today",
        "datetime.date": "today",
        "pandas.Timestamp": "now utcnow today",
        "logging.LogRecord": "created msecs relativeCreated",
        "logging.makeLogRecord": "created msecs relativeCreated",
    },
    "unwatched files": {
        "pathlib.": "exists is_file is_dir stat lstat readlink samefile",
        **dict.fromkeys(("os.scandir", "posix.scandir", "nt.scandir"), "stat"),
    },
    "the working directory": {"pathlib.": "resolve"},
    "the machine": {"pathlib.": "cwd home absolute"},
}
