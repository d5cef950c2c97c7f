package storage

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"attic-pulumi/attic-double/internal/config"
)

// partSize is from what size on a file goes up in parts, and the size of these.
const partSize = 8 << 20

// linkLife is how long a link leads to a file.
const linkLife = 600 * time.Second

type bucket struct {
	client       *s3.Client
	region, name string
}

func openBucket(ctx context.Context, settings config.Storage) (Store, error) {
	options := []func(*awsconfig.LoadOptions) error{
		awsconfig.WithRegion(settings.Region),
		awsconfig.WithRetryMode(aws.RetryModeAdaptive),
	}
	if settings.AccessKeyID != "" {
		keys := credentials.NewStaticCredentialsProvider(settings.AccessKeyID, settings.SecretAccessKey, "")
		options = append(options, awsconfig.WithCredentialsProvider(keys))
	}
	found, err := awsconfig.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, err
	}
	client := s3.NewFromConfig(found, func(o *s3.Options) {
		if settings.Endpoint != "" {
			o.BaseEndpoint = &settings.Endpoint
			o.UsePathStyle = true
		}
	})
	return bucket{client, settings.Region, settings.Bucket}, nil
}

func (b bucket) Put(ctx context.Context, name string, from io.Reader) error {
	part, err := readPart(from)
	if err != nil {
		return err
	}
	if len(part) < partSize {
		_, err := b.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &b.name, Key: &name, Body: bytes.NewReader(part)})
		return err
	}
	return b.putInParts(ctx, name, part, from)
}

func (b bucket) putInParts(ctx context.Context, name string, part []byte, from io.Reader) (err error) {
	upload, err := b.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: &b.name, Key: &name})
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, aborted := b.client.AbortMultipartUpload(context.WithoutCancel(ctx),
				&s3.AbortMultipartUploadInput{Bucket: &b.name, Key: &name, UploadId: upload.UploadId})
			err = errors.Join(err, aborted)
		}
	}()
	var parts []types.CompletedPart
	for number := int32(1); len(part) > 0; number++ {
		sent, err := b.client.UploadPart(ctx, &s3.UploadPartInput{
			Bucket: &b.name, Key: &name, UploadId: upload.UploadId, PartNumber: &number, Body: bytes.NewReader(part),
		})
		if err != nil {
			return err
		}
		parts = append(parts, types.CompletedPart{ETag: sent.ETag, PartNumber: &number})
		if part, err = readPart(from); err != nil {
			return err
		}
	}
	_, err = b.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &b.name, Key: &name, UploadId: upload.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	return err
}

func readPart(from io.Reader) ([]byte, error) {
	return io.ReadAll(io.LimitReader(from, partSize))
}

// at is how a request reaches the region that a file is in, which may be another than today's.
func at(file *S3File) func(*s3.Options) {
	return func(o *s3.Options) { o.Region = file.Region }
}

func (b bucket) Delete(ctx context.Context, file Reference) error {
	if file.S3 == nil {
		return errForeign
	}
	_, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &file.S3.Bucket, Key: &file.S3.Key}, at(file.S3))
	return err
}

func (b bucket) Open(ctx context.Context, file Reference) (io.ReadCloser, error) {
	if file.S3 == nil {
		return nil, errForeign
	}
	got, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &file.S3.Bucket, Key: &file.S3.Key}, at(file.S3))
	if err != nil {
		return nil, err
	}
	return got.Body, nil
}

func (b bucket) Link(ctx context.Context, file Reference) (string, error) {
	if file.S3 == nil {
		return "", errForeign
	}
	presigned, err := s3.NewPresignClient(b.client).PresignGetObject(ctx,
		&s3.GetObjectInput{Bucket: &file.S3.Bucket, Key: &file.S3.Key},
		s3.WithPresignExpires(linkLife), s3.WithPresignClientFromClientOptions(at(file.S3)))
	if err != nil {
		return "", err
	}
	return presigned.URL, nil
}

func (b bucket) Reference(name string) Reference {
	return Reference{S3: &S3File{Region: b.region, Bucket: b.name, Key: name}}
}
