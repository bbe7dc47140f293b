"""Asks an engine for the sums of a history, and compares them with what statescope said.

usage: history_engines.py duckdb|spark DIRECTORY     (with `history` and `growth.json` in it)
"""

import json
import os
import sys
from datetime import datetime, timedelta, timezone


class DuckDB:
    millis = "epoch_ms(time)"
    types = ("TIMESTAMP WITH TIME ZONE", "DATE", "VARCHAR")

    def __init__(self, history):
        import duckdb

        self.name = f"DuckDB {duckdb.__version__}"
        self.connection = duckdb.connect()
        self.connection.execute(
            "CREATE VIEW history AS SELECT * FROM "
            f"read_parquet('{history}/*/*/*.parquet', hive_partitioning = true)"
        )

    def one(self, query):
        return self.connection.execute(query).fetchone()

    def stop(self):
        self.connection.close()


class Spark:
    millis = "unix_millis(time)"
    types = ("timestamp", "date", "string")

    def __init__(self, history):
        from pyspark.sql import SparkSession

        os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
        builder = SparkSession.builder.master("local[1]")
        builder = builder.config("spark.ui.enabled", "false")
        builder = builder.config("spark.driver.host", "127.0.0.1")
        builder = builder.config("spark.driver.bindAddress", "127.0.0.1")
        self.session = builder.getOrCreate()
        self.name = f"Spark {self.session.version}"
        self.session.read.parquet(history).createOrReplaceTempView("history")

    def one(self, query):
        return tuple(self.session.sql(query).first())

    def stop(self):
        gateway = self.session.sparkContext._gateway
        self.session.stop()
        # Its files may be deleted when this program has ended.
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait()


def present(values):
    return [value for value in values if value is not None]


def millis(time):
    since_1970 = datetime.fromisoformat(time) - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return since_1970 // timedelta(milliseconds=1)


def main(name, work):
    engine = {"duckdb": DuckDB, "spark": Spark}[name](f"{work}/history")
    with open(f"{work}/growth.json") as file:
        jobs = json.load(file)["data"]["jobs"]

    def check(query, expected):
        found = engine.one(f"SELECT {query}")
        assert found == expected, f"{query}: {found}, not {expected}"

    points = [point for job in jobs for point in job["series"]]
    sums = ", ".join(f"sum({column})" for column in (engine.millis, "state_bytes", "metadata_bytes"))
    check(
        f"count(*), count(DISTINCT time), {sums} FROM history WHERE level = 'snapshot'",
        (
            len(points),
            len(points),
            sum(millis(point["time"]) for point in points),
            sum(point["state_bytes"] for point in points),
            sum(point["metadata_bytes"] for point in points),
        ),
    )
    operators = [operator for job in jobs for operator in job["operators"]]
    by_operator = present(value for operator in operators for value in operator["values"])
    check(
        "count(*), sum(state_bytes) FROM history WHERE level = 'operator'",
        (len(by_operator), sum(by_operator)),
    )
    states = [state for operator in operators for state in operator["states"]]
    by_state = present(value for state in states for value in state["values"])
    check(
        "count(*), sum(state_bytes) FROM history WHERE level = 'state'",
        (len(by_state), sum(by_state)),
    )
    check("count(DISTINCT job), count(DISTINCT job_id) FROM history WHERE job = job_id", (2, 2))
    types = ", ".join(f"typeof(any_value({column}))" for column in ("time", "date", "job"))
    check(f"{types} FROM history", engine.types)
    counts = f"{len(points)} snapshots, {len(by_operator)} operators, {len(by_state)} states"
    engine.stop()
    print(f"{engine.name} reads {counts}: the same sums and times")


if __name__ == "__main__":
    main(*sys.argv[1:])
